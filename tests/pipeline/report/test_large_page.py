"""Fifty thousand quotations in one page: of a list, only what is near the window is drawn."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from benchmarks.report.warehouse import made_up_articles
from pipeline.report.build import write_reader
from tests.pipeline.report.tab import Tab

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUOTATIONS = 50_000
DRAWN = 200  # rows at most, of any list


@pytest.fixture(scope="module")
def tab(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    path = tmp_path_factory.mktemp("large") / "page.html"
    write_reader((("", item) for item in made_up_articles(QUOTATIONS)), str(path), "made up")
    with Tab.open(browser, path, "#view=quotes") as opened:
        yield opened


def test_all_are_there_and_few_are_drawn(tab: Tab) -> None:
    assert tab.texts(".count")[0].startswith(f"{QUOTATIONS:,} quotations in 12,500 articles")
    assert 0 < tab.count("[role=listitem]") <= DRAWN


def test_the_end_of_the_list_can_be_reached(tab: Tab) -> None:
    last = tab.page.locator(f"[aria-posinset='{QUOTATIONS}']")
    for _ in range(20):  # rows get their heights when they are drawn
        tab.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        tab.page.wait_for_timeout(100)
        if last.count():
            break
    assert last.count() == 1
    assert tab.count("[role=listitem]") <= DRAWN


def test_a_filter_draws_few_rows_too(tab: Tab) -> None:
    tab.page.evaluate("window.scrollTo(0, 0)")
    tab.page.fill("#q", "kalo")
    tab.page.wait_for_selector(f".rows:not([data-found='{QUOTATIONS}'])")
    found = int(tab.page.locator(".rows").first.get_attribute("data-found") or 0)
    assert 0 < found < QUOTATIONS
    assert 0 < tab.count("[role=listitem]") <= DRAWN
    assert tab.noted == []


def test_texts_are_opened_one_part_at_a_time(tab: Tab) -> None:
    parts = tab.page.locator("script[data-kind=text]")
    sizes = [len(part) for part in parts.all_inner_texts()]
    assert len(sizes) > 20
    assert max(sizes) < 1_000_000
