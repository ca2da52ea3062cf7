from collections.abc import Iterator

import pytest

from tests.emulators.running import Cloud, emulators


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """BigQuery and Cloud Storage on the loopback interface."""
    with emulators(tmp_path_factory.mktemp("cloud")) as served:
        yield served
