import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kill-moments",
        type=int,
        default=4,
        help="at how many moments a run is killed and started again (default: %(default)s)",
    )
