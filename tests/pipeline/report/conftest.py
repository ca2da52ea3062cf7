"""Pages, and a headless Chromium to open them in."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.report.build import write_report
from tests.pipeline.conftest import SampleRun
from tests.pipeline.report.tab import Tab

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium; tests that need it are skipped where it is missing."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright's package")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def sample_page(sample_run: SampleRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the sample newsroom."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(str(sample_run.output), str(path))
    return path


@pytest.fixture
def tab(browser: "Browser", sample_page: Path) -> Iterator[Tab]:
    """The report of the sample newsroom in a window of its own, at its first page."""
    with Tab.open(browser, sample_page) as opened:
        yield opened
