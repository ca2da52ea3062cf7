"""A page in a window of its own, of which everything that it should not do is noted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

READY_MS = 60_000
WAIT_MS = 15_000
STEP_MS = 20
PHONE = 360  # pixels


@dataclass
class Tab:
    """An open page; `noted` holds requests, dialogs and errors, and stays empty."""

    page: "Page"
    address: str
    noted: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def open(
        cls, browser: "Browser", path: Path, place: str = "", *, width: int = 1280, **looks: Any
    ) -> "Iterator[Tab]":
        """Open a page at a place such as `#view=people`."""
        context = browser.new_context(viewport={"width": width, "height": 800}, **looks)
        context.set_default_timeout(WAIT_MS)
        tab = cls(context.new_page(), path.as_uri())
        tab.page.on("request", tab._request)
        tab.page.on("dialog", lambda dialog: (tab.noted.append(dialog.message), dialog.dismiss()))
        tab.page.on("pageerror", lambda error: tab.noted.append(str(error)))
        tab.page.on("popup", lambda popup: tab.noted.append(f"popup {popup.url}"))
        tab.page.on(
            "console",
            lambda said: tab.noted.append(said.text) if said.type == "error" else None,
        )
        tab.page.goto(tab.address + place)
        tab.page.wait_for_selector("html[data-ready]", timeout=READY_MS)
        yield tab
        context.close()

    def _request(self, request: Any) -> None:
        url = request.url
        if not (url.startswith((self.address, "data:,", "blob:"))):
            self.noted.append(f"request {url}")

    def go(self, place: str) -> None:
        """Go to a place of the page, as a link would."""
        self.page.evaluate("place => { location.hash = place }", place)
        for _ in range(WAIT_MS // STEP_MS):
            if self.page.evaluate("document.documentElement.dataset.at === location.hash"):
                return
            self.page.wait_for_timeout(STEP_MS)
        raise AssertionError(f"the page does not show {place}")

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that are shown."""
        found: list[str] = self.page.locator(f"{selector}:visible").all_inner_texts()
        return found

    def count(self, selector: str) -> int:
        """The number of elements that are shown."""
        number: int = self.page.locator(f"{selector}:visible").count()
        return number
