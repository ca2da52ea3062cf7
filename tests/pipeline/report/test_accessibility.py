"""axe finds no serious fault in any view, light or dark."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.report.tab import PHONE, Tab

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SERIOUS = ("serious", "critical")


def faults(tab: Tab) -> list[str]:
    """What axe-core finds, the rule and the elements."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-core")
    found = axe.Axe().run(tab.page).response["violations"]
    return [
        f"{fault['id']}: {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found
        if fault["impact"] in SERIOUS
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", PHONE)])
def test_no_view_has_a_serious_fault(
    browser: "Browser", sample_page: Path, scheme: str, width: int
) -> None:
    looks = {"color_scheme": scheme, "bypass_csp": True}  # axe is put into the page
    with Tab.open(browser, sample_page, width=width, **looks) as tab:
        tab.page.locator(".chart svg").nth(3).wait_for()
        found = {"overview": faults(tab)}
        for place in ("people", "articles", "health", "quotes"):
            tab.go(f"#view={place}")
            tab.page.locator("section.view:not([hidden]) h1").wait_for()
            found[place] = faults(tab)
        tab.page.locator(".quote-row:visible .words").nth(3).click()
        tab.page.locator("mark.target").first.wait_for()
        found["reader"] = faults(tab)
        assert {place: what for place, what in found.items() if what} == {}
