import hypothesis
import pytest

hypothesis.settings.register_profile("newsbeam", deadline=None)  # time never fails a test
hypothesis.settings.load_profile("newsbeam")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kill-moments",
        type=int,
        default=2,
        help="at how many moments a run is killed and started again (default: %(default)s)",
    )
