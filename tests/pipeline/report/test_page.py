"""What a person can do with the report, in a browser."""

from typing import TYPE_CHECKING

import pytest

from tests.pipeline.conftest import SampleRun
from tests.pipeline.report.tab import PHONE, Tab
from tests.pipeline.running import query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

ESTES = "#speaker=Caroline+Estes"


@pytest.fixture(scope="module")
def wide(browser: "Browser", sample_page: "Path") -> "Iterator[Tab]":
    """A window that tests share which only go to a place and look."""
    with Tab.open(browser, sample_page) as opened:
        yield opened


@pytest.fixture(scope="module")
def phone(browser: "Browser", sample_page: "Path") -> "Iterator[Tab]":
    """The same, as wide as a phone."""
    with Tab.open(browser, sample_page, width=PHONE) as opened:
        yield opened


def scalar(run: SampleRun, sql: str) -> object:
    ((value,),) = query(run.output, sql)
    return value


def test_it_opens_with_what_came_in(tab: Tab, sample_run: SampleRun) -> None:
    (title,) = tab.texts("h1")
    for table, noun in (("articles", "article"), ("quotes", "quotation")):
        assert f"{scalar(sample_run, f'select count(*) from {table}')} {noun}s" in title
    assert tab.noted == []


def test_it_says_what_is_broken(tab: Tab) -> None:
    (notice,) = tab.texts(".notice")
    assert "3 of 8 feeds cannot be read" in notice
    tab.page.click("text=See which")
    assert tab.page.title().startswith("Health")
    assert any("letters.xml" in text for text in tab.texts(".feed.failed"))


@pytest.mark.parametrize("name", ["people", "outlets", "days", "certainty"])
def test_a_chart_has_marks_a_caption_and_its_table(tab: Tab, name: str) -> None:
    figure = tab.page.locator(f"#chart-{name}")
    figure.locator(".chart svg").wait_for()
    assert figure.locator(".chart svg .mark-rect path").count() >= 3
    assert len(figure.locator("figcaption").inner_text()) > 20
    figure.locator("summary").click()
    assert figure.locator("tbody tr").count() >= 3


def test_a_click_on_a_bar_leads_to_the_speaker(tab: Tab) -> None:
    tab.page.locator("#chart-people .mark-rect path").first.click()
    tab.page.wait_for_selector(".rows[data-found]:visible")
    assert tab.page.url.endswith("#speaker=Karin+Lindqvist-Moe")


def test_a_speaker_has_the_quotations_with_their_context(tab: Tab, sample_run: SampleRun) -> None:
    tab.go("#view=people")
    tab.page.click(".person-row[role=listitem] a:has-text('Caroline Estes')")
    tab.page.wait_for_selector(".quote-row:has-text('she told reporters in her office')")
    said = scalar(
        sample_run, "select count(*) from quotes where speaker_canonical = 'Caroline Estes'"
    )
    assert tab.count(".quote-row") == said


def test_a_quotation_leads_to_its_place_in_the_text_and_back(tab: Tab) -> None:
    tab.go(ESTES)
    tab.page.click(".quote-row:has-text('she told reporters') .words")
    tab.page.wait_for_selector("mark.target")
    assert "negotiate over the number" in tab.texts("mark.target")[0]
    tab.page.go_back()
    tab.page.wait_for_selector(".quote-row:visible")
    assert tab.page.url.endswith(ESTES)


def test_marking_words_of_a_quotation_does_not_lead_away(tab: Tab) -> None:
    tab.go(ESTES)
    words = tab.page.locator(".quote-row:has-text('she told reporters') .words")
    words.select_text()
    words.dispatch_event("click")
    assert tab.page.url.endswith(ESTES)


def test_the_reader_tells_speaker_cue_and_confidence(tab: Tab) -> None:
    tab.go(ESTES)
    tab.page.click(".quote-row:has-text('she told reporters') .words")
    mark = tab.page.locator("mark.target").first
    for look in (mark.hover, tab.page.locator(".note:visible").nth(3).focus):
        tab.page.mouse.move(0, 0)
        look()
        (card,) = tab.texts("#card")
        assert "Caroline Estes, here “she”" in card
        assert "“told”" in card
        assert "%" in card
    tab.page.keyboard.press("Escape")
    assert tab.count("#card") == 0


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("#view=quotes&q=negotiate", "where quote_text like '%negotiate%'"),
        ("#view=quotes&q=NEGÓTIATE", "where quote_text like '%negotiate%'"),
        (
            '#view=quotes&q="real bill"',
            "where quote_text like '%real bill%' or title ilike '%real bill%'",
        ),
        ("#view=quotes&kind=mixed", "where quote_type = 'mixed'"),
        ("#view=quotes&kind=none", "where false"),
        ("#view=quotes&sure=90", "where round(confidence * 100) >= 90"),
        ("#view=quotes&outlet=Meridian+Press", "where domain = '127.0.0.13'"),
        ("#view=quotes&from=2026-03-12", "where published >= '2026-03-12'"),
        ("#view=quotes&to=2026-03-11", "where published < '2026-03-12'"),
        ("#view=quotes&from=nonsense&sure=x", "where true"),
    ],
)
def test_filters_in_the_address_find_what_sql_finds(
    wide: Tab, sample_run: SampleRun, place: str, expected: str
) -> None:
    found = scalar(
        sample_run,
        "select count(*) from (select q.*, a.title, a.canonical_domain as domain, a.date_published "
        f"as published from quotes q join articles a using (article_id)) {expected}",
    )
    wide.go(place)
    shown = wide.page.locator("section.view:not([hidden]) .rows").get_attribute("data-found")
    assert shown == str(found)
    assert wide.noted == []


def test_typing_filters_and_the_address_follows(tab: Tab) -> None:
    tab.go("#view=quotes")
    tab.page.fill("#q", "negotiate")
    tab.page.wait_for_selector(".rows[data-found='1']")
    assert "q=negotiate" in tab.page.url
    tab.page.click("text=Reset")
    tab.page.wait_for_selector(".rows:not([data-found='1'])")
    assert "q=" not in tab.page.url


def test_the_keyboard_reaches_rows_and_the_search(tab: Tab) -> None:
    tab.go("#view=quotes")
    tab.page.locator(".quote-row a[data-main]").first.focus()
    tab.page.keyboard.press("ArrowDown")
    place = "document.activeElement.closest('[role=listitem]').getAttribute('aria-posinset')"
    assert tab.page.evaluate(place) == "2"
    tab.page.keyboard.press("/")
    assert tab.page.evaluate("document.activeElement.id") == "q"


def test_the_switch_turns_the_colours_and_is_remembered(tab: Tab) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light = tab.page.evaluate(colour)
    tab.page.click("#theme")
    dark = tab.page.evaluate(colour)
    tab.page.reload()
    tab.page.wait_for_selector("html[data-ready]")
    assert light != dark == tab.page.evaluate(colour)


@pytest.mark.parametrize(
    "place", ["#", "#view=quotes", "#view=people", "#view=articles", "#view=health", "#article"]
)
def test_nothing_is_wider_than_a_phone(phone: Tab, sample_run: SampleRun, place: str) -> None:
    longest = "select article_id from articles order by length(text_content) desc limit 1"
    if place == "#article":
        place = f"#article={str(scalar(sample_run, longest))[:16]}"
    phone.go(place)
    assert phone.page.evaluate("document.documentElement.scrollWidth") == PHONE


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("#quote=0000", "Not in this page"),
        ("#view=__proto__", "articles from"),
        ("#view=reader", "articles from"),
        ("#%", "articles from"),
        ("#speaker=Nobody", "Nobody"),
    ],
)
def test_an_address_that_leads_nowhere_is_no_dead_end(wide: Tab, place: str, title: str) -> None:
    wide.go(place)
    assert title in wide.texts("h1")[0]
    assert wide.noted == []
