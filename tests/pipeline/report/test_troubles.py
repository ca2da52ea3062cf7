"""A feed that fell silent stands on the first page and on the health page."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commit import commit
from pipeline.report.build import write_report
from schemas.layout import Layout, RunId
from tests.pipeline.report.tab import Tab
from tests.rows import NOW, fetch
from tests.view_tables import run_row
from transforms.stage_rows import StagedTables

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FEED = "https://example.org/feed.xml"
HOURS_AGO = (200, 190, 180, 170, 1)  # the last one brought nothing


def silent_warehouse(folder: Path) -> None:
    layout, run = Layout(str(folder)), RunId("20261124T083000000000Z", NOW.date())
    tables = StagedTables(layout.staging(run.value))
    for hours in HOURS_AGO:
        tables.write_row(
            fetch(
                fetch_id=f"f{hours}",
                run_id=run.value,
                target_type="feed",
                feed_url=FEED,
                requested_url=FEED,
                fetched_at=NOW - timedelta(hours=hours),
                entries_new=int(hours > 1),
            )
        )
    tables.write_row(run_row(run.value, NOW))
    commit(layout, run, list(tables.close()), 0)


def test_a_silent_feed_is_told(browser: "Browser", tmp_path: Path) -> None:
    silent_warehouse(tmp_path / "warehouse")
    write_report(str(tmp_path / "warehouse"), str(tmp_path / "report.html"))
    with Tab.open(browser, tmp_path / "report.html") as tab:
        assert "1 feed is silent for longer than usual" in tab.texts(".notice")[0]
        tab.go("#view=health")
        (row,) = tab.texts(".feed.partly")
        assert FEED in row
        assert "Nothing new for 7 days" in row
        assert tab.noted == []
