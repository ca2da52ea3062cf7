from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.newsroom.server import SampleNewsroom
from pipeline.run import RunReport
from tests.pipeline.running import run


@dataclass(frozen=True)
class SampleRun:
    """One pass over the first edition of the sample newsroom."""

    output: Path
    report: RunReport
    feeds: tuple[str, ...]


@pytest.fixture(scope="session")
def newsroom() -> Iterator[SampleNewsroom]:
    """The sample newsroom's first edition, on ports of its own."""
    with SampleNewsroom(port=0) as served:
        yield served


@pytest.fixture(scope="session")
def sample_run(newsroom: SampleNewsroom, tmp_path_factory: pytest.TempPathFactory) -> SampleRun:
    """The warehouse of one pass; only to be read."""
    output = tmp_path_factory.mktemp("sample") / "warehouse"
    return SampleRun(output, run(output, newsroom.feed_urls), newsroom.feed_urls)
