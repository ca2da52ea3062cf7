"""Whatever the web wrote into the tables, the page shows it and does nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from pipeline.report.build import write_report
from tests.pipeline.report.attack import ATTACKS, attack_warehouse
from tests.pipeline.report.tab import Tab

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PLACES = ("#", "#view=quotes", "#view=people", "#view=articles", "#view=health")
# Elements that only an injection could have made; links that lead to something else than a page.
FOREIGN = (
    "img, iframe, object, embed, b:not(.amount, li > b), i, svg[onload], script:not([data-kind])"
)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attack")
    attack_warehouse(folder / "warehouse")
    write_report(str(folder / "warehouse"), str(folder / "report.html"))
    return folder / "report.html"


@pytest.fixture(scope="module")
def tab(browser: "Browser", attacked: Path) -> Iterator[Tab]:
    with Tab.open(browser, attacked) as opened:
        yield opened


def check(tab: Tab) -> None:
    """Nothing ran, nothing was asked for, nothing was built, no link leads astray."""
    assert tab.noted == []
    assert tab.page.evaluate("window.attacked") is None
    assert tab.page.locator(FOREIGN).count() == 2  # the page's own two scripts
    links = tab.page.evaluate(
        "[...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))"
    )
    assert [link for link in links if not link.startswith(("#", "http://", "https://"))] == []


@pytest.mark.parametrize("place", PLACES)
def test_no_view_does_anything(tab: Tab, place: str) -> None:
    tab.go(place)
    for summary in tab.page.locator("main summary:visible").all():
        summary.click()
    check(tab)


@pytest.mark.parametrize("number", range(len(ATTACKS)))
def test_the_reader_shows_the_attack_as_text(tab: Tab, number: int) -> None:
    tab.go(f"#quote=b{number:015d}")
    mark = tab.page.locator("mark.target").first
    mark.wait_for()
    shown = ATTACKS[number].replace("\0", "").split("\n")[0]
    assert mark.evaluate("mark => mark.textContent").replace("\0", "") == shown
    mark.hover()
    tab.page.locator(".note:visible").first.click()
    tab.page.click("button:visible:has-text('Cite')")
    tab.page.locator(".citation").wait_for()
    check(tab)


def test_a_speaker_of_any_name_has_a_page(tab: Tab) -> None:
    for attack in ATTACKS:
        tab.go(f"#{urlencode({'speaker': attack})}")
        shown = tab.page.locator("section.view:not([hidden]) .rows").get_attribute("data-found")
        assert shown == "1"
    check(tab)


def test_marks_of_charts_do_nothing_under_the_pointer(tab: Tab) -> None:
    tab.go("#")
    bars = tab.page.locator("#chart-people .mark-rect path")
    bars.first.wait_for()
    for bar in bars.all():
        bar.hover()
    check(tab)


def test_no_string_of_the_web_stands_in_the_file(attacked: Path) -> None:
    text = attacked.read_text(encoding="utf-8")
    assert "alert(" not in text
    assert "attacker.example" not in text
