"""The sample newsroom on the loopback interface.

    with SampleNewsroom() as newsroom:
        run(newsroom.feed_urls)
        newsroom.advance()  # second edition: one article changed, one added
        run(newsroom.feed_urls)

An article is known by its address, so the addresses have to be the same in every run. Each outlet
has a loopback address of its own (127.0.0.11 to 127.0.0.13) and all use one fixed port; the next
port of a short list is tried where one is taken. Where the addresses cannot be had (macOS gives
only 127.0.0.1), the outlets stand on three neighbouring ports of 127.0.0.1. Only when all of that
is taken, free ports are used. A warehouse of earlier runs sees all articles as new when they come
from another address; the ids of feed entries are the same wherever the newsroom is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any

from pipeline.newsroom.content import LAST_EDITION, SampleArticle, load_articles, load_newsroom
from pipeline.newsroom.copies import make_copies
from pipeline.newsroom.pages import Outlet
from pipeline.newsroom.publishing import OutletEdition
from pipeline.newsroom.site import Handler, LocalSite, Request, Response

DEFAULT_PORT = 8077
FALLBACK_PORTS = (18_077, 28_077, 38_077)
_ONLY_LOOPBACK = "127.0.0.1"


class SampleNewsroom:
    """Three outlets, served as long as the `with` block lasts.

    `port` None takes the first of the fixed ports that is free, 0 any free one. `latency_s` is
    waited before each answer. With `copies` the outlets carry that many synthetic articles, in
    well-formed feeds without faults, instead of the sample (for benchmarks).
    """

    def __init__(
        self,
        edition: int = 1,
        port: int | None = None,
        latency_s: float = 0.0,
        copies: int = 0,
    ) -> None:
        if not 1 <= edition <= LAST_EDITION:
            raise ValueError(f"edition {edition}: there are editions 1 to {LAST_EDITION}")
        self.edition = edition
        self._port = port
        self._latency_s = latency_s
        self._copies = copies
        self._tables: Sequence[Mapping[str, Any]] = load_newsroom()["outlet"]
        self._sites: list[LocalSite] = []
        self._editions: dict[str, OutletEdition] = {}

    def start(self) -> SampleNewsroom:
        """Bind the three outlets and publish the edition."""
        self._sites = _start_sites([table["address"] for table in self._tables], self._port)
        try:
            self._publish()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all outlets; may be called twice."""
        for site in self._sites:
            site.stop()

    def __enter__(self) -> SampleNewsroom:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def advance(self) -> None:
        """Publish the next edition; ValueError after the last one."""
        if self.edition == LAST_EDITION:
            raise ValueError(f"edition {LAST_EDITION} is the last one")
        self.edition += 1
        self._publish()

    @property
    def feed_urls(self) -> tuple[str, ...]:
        """The listed feeds, the faulty ones among them."""
        return tuple(url for edition in self._editions.values() for url in edition.feed_urls)

    @property
    def base_urls(self) -> Mapping[str, str]:
        """Where each outlet is served: key → scheme, address and port."""
        return {key: edition.base_url for key, edition in self._editions.items()}

    @property
    def articles(self) -> Mapping[str, SampleArticle]:
        """The articles of the edition by id, with what is expected of them."""
        return {
            article_id: article
            for edition in self._editions.values()
            for article_id, article in edition.articles.items()
        }

    def page_url(self, article_id: str) -> str:
        """The address of an article's page, after any redirect; KeyError where it has none."""
        return self._edition_of(article_id).page_url(article_id)

    @property
    def requests(self) -> list[Request]:
        """The requests to all outlets in the order of their arrival."""
        logged = [request for site in self._sites for request in site.requests]
        return sorted(logged, key=lambda request: request.received_at)

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        for site in self._sites:
            site.clear_requests()

    def _edition_of(self, article_id: str) -> OutletEdition:
        for edition in self._editions.values():
            if article_id in edition.articles:
                return edition
        raise KeyError(article_id)

    def _publish(self) -> None:
        articles: Iterable[SampleArticle] = load_articles(self.edition).values()
        if self._copies:
            articles = make_copies(list(articles), self._copies)
        by_outlet: dict[str, dict[str, SampleArticle]] = {t["key"]: {} for t in self._tables}
        for article in articles:
            by_outlet[article.outlet][article.article_id] = article
        for table, site in zip(self._tables, self._sites, strict=True):
            edition = OutletEdition(
                outlet=Outlet.from_table(table),
                table=table,
                articles=by_outlet[table["key"]],
                base_url=site.base_url,
                plain=bool(self._copies),
            )
            self._editions[table["key"]] = edition
            for path, route in edition.routes().items():
                site.add(path, _delayed(route, self._latency_s))


def _delayed(route: Response | Handler, seconds: float) -> Response | Handler:
    """The route, answering so much later."""
    if not seconds:
        return route

    def answer(request: Request) -> Response:
        response = route if isinstance(route, Response) else route(request)
        return replace(response, delay_s=response.delay_s + seconds)

    return answer


def _start_sites(addresses: Sequence[str], port: int | None) -> list[LocalSite]:
    """Serve all addresses on the first plan that can be had; OSError when none can."""
    for plan in _plans(addresses, port):
        sites: list[LocalSite] = []
        with suppress(OSError):
            for host, wanted in plan:
                sites.append(LocalSite(host, wanted).start())
            return sites
        for site in sites:
            site.stop()
    raise OSError("the sample newsroom found no address of the loopback interface to serve from")


def _plans(addresses: Sequence[str], port: int | None) -> list[list[tuple[str, int]]]:
    """Addresses and ports in the order of preference; the module's docstring gives the reasons."""
    ports = (DEFAULT_PORT, *FALLBACK_PORTS) if port is None else (port,)
    own = [[(address, each) for address in addresses] for each in ports]
    shared = [
        [(_ONLY_LOOPBACK, each + step if each else 0) for step in range(len(addresses))]
        for each in ports
    ]
    free = [[(_ONLY_LOOPBACK, 0)] * len(addresses)] if port is None else []
    return [*own, *shared, *free]
