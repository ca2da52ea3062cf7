"""Articles into web pages: a template an outlet, with all that real pages put around a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template
from typing import Any

from pipeline.newsroom.content import SampleArticle, load_template

_WALLS: Mapping[str, str] = {
    "paywall": (
        '<div class="paywall-overlay subscriber-only"><h2>Subscribe to read the full article</h2>'
        "<p>Already a subscriber? <a href='/login'>Log in</a></p></div>"
    ),
    "cut": '<div class="read-more"><a href="/app">Continue reading in our app</a></div>',
}
_PARAGRAPHS_ABOVE_THE_BREAK = 3


@dataclass(frozen=True)
class Outlet:
    """One fictional outlet as newsroom.toml describes it."""

    key: str
    name: str
    address: str  # loopback address it is served from
    domain: str  # its name in the ids of feed entries (RFC 4151)
    language: str
    path: str  # pattern of its articles' paths
    content_type: str  # of its pages
    ascii: bool = False  # everything outside ASCII leaves as a character reference

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Outlet:
        """Read the outlet's own keys of a table of newsroom.toml."""
        return cls(**{name: table[name] for name in cls.__dataclass_fields__ if name in table})

    def path_of(self, article: SampleArticle) -> str:
        """Where an article's page stands; the same in every edition."""
        return self.path.format(
            year=f"{article.published:%Y}",
            month=f"{article.published:%m}",
            day=f"{article.published:%d}",
            desk=_slug(article.desk),
            slug=article.slug,
            number=40_000 + int(article.article_id[1:3]) * 17,
        )

    def tag(self, key: str) -> str:
        """The id of a feed entry (a tag URI), which does not depend on where it is served."""
        return f"tag:{self.domain},2026:{key}"


def render_page(
    article: SampleArticle, outlet: Outlet, base_url: str, dateless: bool = False
) -> bytes:
    """The article's page as sent; `dateless` leaves every date out."""
    canonical = base_url + outlet.path_of(article)
    if article.page == "shell":
        return _encode(_shell(article, outlet, canonical), outlet)
    values = _values(article, outlet, canonical, dateless)
    return _encode(Template(load_template(outlet.key)).substitute(values), outlet)


def render_home(outlet: Outlet, feeds: Mapping[str, str], links: Mapping[str, str]) -> bytes:
    """The outlet's front page: `feeds` path → media type, `links` path → headline."""
    alternates = "\n".join(
        f'<link rel="alternate" type="{kind}" href="{escape(path)}">'
        for path, kind in feeds.items()
    )
    headlines = "\n".join(
        f'<li><a href="{escape(path)}">{escape(headline)}</a></li>'
        for path, headline in links.items()
    )
    page = Template(load_template("home")).substitute(
        name=outlet.name, language=outlet.language, alternates=alternates, headlines=headlines
    )
    return _encode(page, outlet)


def paragraphs_html(article: SampleArticle) -> list[str]:
    """The paragraphs as HTML, the first organisation's first mention linked."""
    texts = [escape(text, quote=False) for text in article.paragraphs]
    mention = next(
        (
            m
            for m in article.mentions
            if m.label == "ORG" and not m.in_headline and "&" not in m.text
        ),
        None,
    )
    if mention is not None:
        index = article.text_content[: mention.start].count("\n") - 1
        link = f'<a href="/topics/{_slug(mention.text)}">{escape(mention.text, quote=False)}</a>'
        texts[index] = texts[index].replace(escape(mention.text, quote=False), link, 1)
    return [f"<p>{text}</p>" for text in texts]


def _values(
    article: SampleArticle, outlet: Outlet, canonical: str, dateless: bool
) -> dict[str, str]:
    shown = [f"<p>{escape(article.standfirst)}</p>"] if article.page == "player" else []
    if article.page != "player":
        shown = paragraphs_html(article)
    if article.credit is not None:
        shown.append(f"<p>{escape(article.credit)}</p>")
    byline = " and ".join(article.authors)
    published = "" if dateless else article.published.isoformat()
    written_out = "" if dateless else _in_words(article.published, article.language)
    return {
        "language": article.language,
        "headline": escape(article.headline),
        "standfirst": escape(article.standfirst),
        "canonical": escape(canonical),
        "desk": escape(article.desk),
        "desk_slug": _slug(article.desk),
        "byline": escape(byline),
        "byline_html": f'<p class="byline">By {_author_links(article)}</p>',
        "byline_links": _author_links(article),
        "published": published,
        "published_words": written_out,
        "modified": "" if dateless else article.modified.isoformat(),
        "updated_words": _updated_words(article),
        "time_html": "" if dateless else f'<time datetime="{published}">{written_out}</time>',
        "keywords": escape(", ".join(article.keywords)),
        "tags": "".join(
            f'<li><a href="/topics/{_slug(word)}">{escape(word)}</a></li>'
            for word in article.keywords
        ),
        "figure": _figure(article),
        "body_top": "\n".join(shown[:_PARAGRAPHS_ABOVE_THE_BREAK]),
        "body_rest": "\n".join(shown[_PARAGRAPHS_ABOVE_THE_BREAK:]),
        "wall": _WALLS.get(article.page, ""),
        "premium": json.dumps(article.page == "paywall"),
        "jsonld": _jsonld(article, outlet, canonical, dateless),
    }


def _figure(article: SampleArticle) -> str:
    if article.page == "player":
        return '<div class="video-player"><video src="/video/7731.mp4" controls></video></div>'
    if article.caption is None:
        return ""
    image = f"/images/{article.slug}.jpg"
    caption = escape(article.caption, quote=False)
    return (
        f'<figure><img src="{image}" alt="" width="960" height="540">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _jsonld(article: SampleArticle, outlet: Outlet, canonical: str, dateless: bool) -> str:
    """NewsArticle metadata (schema.org)."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.headline,
        "description": article.standfirst,
        "mainEntityOfPage": canonical,
        "inLanguage": article.language,
        "articleSection": article.desk,
        "keywords": list(article.keywords),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name},
        "isAccessibleForFree": article.page != "paywall",
    }
    if article.page == "paywall":
        data["hasPart"] = {
            "@type": "WebPageElement",
            "isAccessibleForFree": False,
            "cssSelector": ".subscriber-only",
        }
    if not dateless:
        data["datePublished"] = article.published.isoformat()
        data["dateModified"] = article.modified.isoformat()
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _shell(article: SampleArticle, outlet: Outlet, canonical: str) -> str:
    """A page that a script would fill: a head, no text."""
    data = _jsonld(article, outlet, canonical, dateless=False)
    return (
        f'<!doctype html>\n<html lang="{article.language}"><head><meta charset="utf-8">'
        f"<title>{escape(article.headline)} - {escape(outlet.name)}</title>"
        f'<link rel="canonical" href="{escape(canonical)}">'
        f'<script type="application/ld+json">{data}</script>'
        '</head><body><div id="app"></div><script src="/static/app.js"></script></body></html>\n'
    )


def _author_links(article: SampleArticle) -> str:
    return " and ".join(
        f'<a rel="author" href="/authors/{_slug(name)}">{escape(name)}</a>'
        for name in article.authors
    )


def _updated_words(article: SampleArticle) -> str:
    if article.modified == article.published:
        return ""
    return f"Updated {_in_words(article.modified, article.language)}"


def _in_words(moment: datetime, language: str) -> str:
    if language == "en-US":
        return f"{moment:%B} {moment.day}, {moment.year}"
    return f"{moment.day} {moment:%B %Y, %H:%M} GMT"


def _slug(words: str) -> str:
    letters = (letter if letter.isalnum() else "-" for letter in words.lower())
    return "-".join(part for part in "".join(letters).split("-") if part)


def _encode(page: str, outlet: Outlet) -> bytes:
    return page.encode("ascii", "xmlcharrefreplace") if outlet.ascii else page.encode()
