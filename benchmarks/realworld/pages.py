"""The article extraction benchmark's pages, served from 127.0.1.x under generated feeds."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.newsroom.site import LocalSite, Response
from transforms.urls import registered_domain

_HOSTS = 40  # addresses 127.0.1.1 … over which publishers are spread
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class GoldPage:
    """One page with its hand-made body."""

    stem: str
    source: str  # address at its publisher
    body: str
    html: bytes

    @property
    def title(self) -> str:
        """The title element, as a feed would carry it."""
        found = _TITLE.search(self.html.decode("utf-8", "replace"))
        return html.unescape(" ".join(found[1].split())) if found else self.stem


@dataclass(frozen=True)
class ServedPages:
    """Where the pages and their feeds are."""

    feeds: tuple[str, ...]
    pages: dict[str, GoldPage]  # by address


def read_pages(folder: Path) -> list[GoldPage]:
    """Read pages and bodies from the benchmark's folder."""
    gold = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    return [
        GoldPage(
            stem,
            facts["url"],
            facts["articleBody"],
            gzip.decompress((folder / "html" / f"{stem}.html.gz").read_bytes()),
        )
        for stem, facts in gold.items()
    ]


@contextmanager
def serve(pages: list[GoldPage]) -> Iterator[ServedPages]:
    """Serve pages under one feed a publisher: RSS, Atom and JSON Feed by turns."""
    by_publisher = defaultdict(list)
    for page in pages:
        by_publisher[registered_domain(page.source) or "unknown"].append(page)
    with LocalSite(host="0.0.0.0") as site:
        addresses: dict[str, GoldPage] = {}
        feeds = []
        for number, publisher in enumerate(sorted(by_publisher)):
            base = f"http://127.0.1.{number % _HOSTS + 1}:{site.port}"
            links = {}
            for page in by_publisher[publisher]:
                path = site.add(
                    f"/{publisher}/{page.stem}", Response(page.html, content_type="text/html")
                )
                links[base + path] = page
            write, media_type = _FORMATS[number % len(_FORMATS)]
            path = site.add(
                f"/{publisher}/feed", Response(write(publisher, links), content_type=media_type)
            )
            feeds.append(base + path)
            addresses |= links
        yield ServedPages(tuple(feeds), addresses)


def _rss(publisher: str, links: dict[str, GoldPage]) -> str:
    items = "".join(
        f"<item><title>{html.escape(page.title)}</title><link>{html.escape(link)}</link>"
        f"<guid>{page.stem}</guid></item>"
        for link, page in links.items()
    )
    return f'<rss version="2.0"><channel><title>{publisher}</title>{items}</channel></rss>'


def _atom(publisher: str, links: dict[str, GoldPage]) -> str:
    entries = "".join(
        f"<entry><title>{html.escape(page.title)}</title><id>urn:{page.stem}</id>"
        f'<link href="{html.escape(link)}"/></entry>'
        for link, page in links.items()
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{publisher}</title>{entries}</feed>'


def _json_feed(publisher: str, links: dict[str, GoldPage]) -> str:
    items = [{"id": page.stem, "url": link, "title": page.title} for link, page in links.items()]
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": publisher, "items": items})


_FORMATS = (
    (_rss, "application/rss+xml"),
    (_atom, "application/atom+xml"),
    (_json_feed, "application/feed+json"),
)
