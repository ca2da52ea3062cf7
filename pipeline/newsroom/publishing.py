"""What one outlet publishes in one edition: its articles and feeds into routes of a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pipeline.newsroom.content import SampleArticle
from pipeline.newsroom.feeds import MEDIA_TYPES, Entry, FeedDocument, render_feed
from pipeline.newsroom.pages import Outlet, paragraphs_html, render_home, render_page
from pipeline.newsroom.site import Handler, Request, Response, strong_etag

_ROBOTS = "User-agent: *\nAllow: /\n"
_BEFORE_ALL = datetime(2026, 3, 1, tzinfo=UTC)
_COPIES_FEED: Mapping[str, Any] = {"path": "/feeds/all.xml", "format": "rss", "title": "All"}


@dataclass(frozen=True)
class OutletEdition:
    """An outlet, what it publishes, and where it is served."""

    outlet: Outlet
    table: Mapping[str, Any]  # of newsroom.toml
    articles: Mapping[str, SampleArticle]  # by id
    base_url: str
    plain: bool = False  # one well-formed feed of all articles instead of those of the table

    @property
    def feed_urls(self) -> list[str]:
        """The addresses that are listed as feeds, the faulty ones among them."""
        listed = [feed.get("moved_from", feed["path"]) for feed in self._feeds]
        listed += [trap["path"] for trap in self._traps if trap.get("feed")]
        return [self.base_url + path for path in listed]

    def page_url(self, article_id: str) -> str:
        """The address of an article's page, after any redirect."""
        return self.base_url + self.outlet.path_of(self.articles[article_id])

    def routes(self) -> dict[str, Response | Handler]:
        """Path → response of everything the outlet has."""
        routes: dict[str, Response | Handler] = {
            "/robots.txt": Response(body=_ROBOTS, content_type="text/plain; charset=utf-8"),
            "/": self._home(),
        }
        routes.update(self._pages())
        for feed in self._feeds:
            routes[feed["path"]] = self._feed(feed)
            if "moved_from" in feed:
                routes[feed["moved_from"]] = _redirect(feed["path"], 301)
        for trap in self._traps:
            routes[trap["path"]] = Response(
                body=trap["body"], status=trap["status"], content_type=trap["content_type"]
            )
        for hop in [] if self.plain else self.table.get("redirect", []):
            target = self.outlet.path_of(self.articles[hop["article"]])
            routes[hop["path"]] = _redirect(target, hop["status"])
        return routes

    @property
    def _feeds(self) -> list[Mapping[str, Any]]:
        return [_COPIES_FEED] if self.plain else self.table["feed"]

    @property
    def _traps(self) -> list[Mapping[str, Any]]:
        return [] if self.plain else self.table.get("trap", [])

    @cached_property
    def _dateless(self) -> frozenset[str]:
        """Articles whose feed and page both keep quiet about the date."""
        entries = [entry for feed in self._feeds for entry in feed.get("entries", [])]
        return frozenset(e["article"] for e in map(_as_table, entries) if e.get("published") == "")

    def _pages(self) -> Iterator[tuple[str, Handler]]:
        for article in self.articles.values():
            if article.page != "none":
                yield self.outlet.path_of(article), self._page_handler(article)

    def _page_handler(self, article: SampleArticle) -> Handler:
        """Renders on request, so that thousands of copies take no memory."""

        def answer(request: Request) -> Response:
            body = render_page(
                article, self.outlet, self.base_url, article.article_id in self._dateless
            )
            return Response(
                body=body,
                content_type=self.outlet.content_type,
                etag=strong_etag(body),
                last_modified=article.modified.timestamp(),
                compress=True,
            )

        return answer

    def _home(self) -> Response:
        links = {
            self.outlet.path_of(article): article.headline
            for article in self.articles.values()
            if article.page != "none"
        }
        kinds = {f["path"]: MEDIA_TYPES[f["format"]].split(";")[0] for f in self._feeds}
        body = render_home(self.outlet, kinds, links)
        return Response(body=body, etag=strong_etag(body), compress=True)

    def _feed(self, feed: Mapping[str, Any]) -> Response:
        carried = list(self._carried(feed))
        times = [article.modified for entry, article in carried if article is not None]
        updated = max(times, default=_BEFORE_ALL)
        document = FeedDocument(
            title=feed["title"],
            url=self.base_url + feed["path"],
            home=self.base_url + "/",
            language=self.outlet.language,
            updated=updated,
            entries=tuple(entry for entry, article in carried),
        )
        body = render_feed(document, feed["format"], feed.get("malformed", False))
        return Response(
            body=body,
            content_type=MEDIA_TYPES[feed["format"]],
            etag=strong_etag(body),
            last_modified=updated.timestamp(),
            compress=True,
        )

    def _carried(self, feed: Mapping[str, Any]) -> Iterator[tuple[Entry, SampleArticle | None]]:
        """The feed's entries that belong to this edition, each with its article."""
        for entry in map(_as_table, feed.get("entries", list(self.articles))):
            if "article" not in entry:
                yield self._lone_entry(entry), None
            elif entry["article"] in self.articles:
                article = self.articles[entry["article"]]
                yield self._entry(article, entry), article

    def _entry(self, article: SampleArticle, table: Mapping[str, Any]) -> Entry:
        has_page = article.page != "none"
        path = table.get("link", self.outlet.path_of(article))
        whole = table.get("content") or not has_page
        return Entry(
            entry_id=self.outlet.tag(article.article_id),
            title=article.headline,
            summary=article.standfirst,
            link=self.base_url + path if has_page else None,
            published=_date(table["published"]) if "published" in table else article.published,
            updated=article.modified if article.modified != article.published else None,
            authors=article.authors,
            keywords=article.keywords,
            language=article.language if article.language != self.outlet.language else None,
            content_html="\n".join(paragraphs_html(article)) if whole else None,
        )

    def _lone_entry(self, table: Mapping[str, Any]) -> Entry:
        """An entry whose page is gone."""
        return Entry(
            entry_id=self.outlet.tag(table["link"].strip("/")),
            title=table["title"],
            summary=table["summary"],
            link=self.base_url + table["link"],
            published=_date(table["published"]),
        )


def _as_table(entry: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return {"article": entry} if isinstance(entry, str) else entry


def _date(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _redirect(path: str, status: int) -> Response:
    return Response(status=status, headers={"Location": path}, content_type=None)
