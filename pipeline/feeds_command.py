"""`newsbeam feeds`: what is wrong with these feeds, and which feeds does this site have."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.retrieve_arguments import add_retrieve_options, retrieve_options
from schemas.errors import FetchError, UsageError
from transforms.check_feeds import FeedCheck, Level, check_feeds, in_words
from transforms.discover_feeds import FoundFeed, discover_feeds
from transforms.feed_lists import read_feed_lists
from transforms.urls import is_http_url

SOME_UNUSABLE = 1
NOTHING_FOUND = 3
PAGES = 2
_COLOURS = {Level.PROBLEM: "bold red", Level.WARNING: "yellow", Level.NOTE: "cyan"}


def add_command(commands: Any) -> None:
    """Declare the command and its two parts."""
    parser = commands.add_parser(
        "feeds",
        help="check feeds, or discover those of a site",
        description="Look at feeds without writing anything.",
        allow_abbrev=False,
    )
    parts = parser.add_subparsers(dest="part", required=True, metavar="check|discover")
    _add_check(parts)
    _add_discover(parts)


def _add_check(parts: Any) -> None:
    check = parts.add_parser(
        "check",
        help="what is wrong with these feeds, and what to do",
        description="Ask for each feed and the pages of its newest entries, and say what is wrong.",
        epilog="exit status: 0 every feed is usable; 1 some are not; 2 wrong usage",
        allow_abbrev=False,
    )
    check.add_argument(
        "feeds", nargs="+", metavar="FEEDS", help="feed URLs, OPML files, or text files of URLs"
    )
    check.add_argument(
        "--pages",
        metavar="N",
        type=int,
        default=PAGES,
        help="pages to try of each feed (default: %(default)s)",
    )
    _add_common(check, run_check)


def _add_discover(parts: Any) -> None:
    discover = parts.add_parser(
        "discover",
        help="the feeds of a site",
        description="Find a site's feeds: link elements, links, sitemaps and the usual places.",
        epilog="exit status: 0 feeds were found; 2 wrong usage; 3 none were found",
        allow_abbrev=False,
    )
    discover.add_argument("url", metavar="URL", help="address of the site or of one of its pages")
    _add_common(discover, run_discover)


def _add_common(parser: argparse.ArgumentParser, execute: Callable[..., int]) -> None:
    add_retrieve_options(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="json: one line of JSON a feed (default: %(default)s)",
    )
    parser.set_defaults(execute=execute, takes_beam_options=False)


def run_check(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Check the feeds and print what was found."""
    now = datetime.now(UTC)
    feeds = read_feed_lists(arguments.feeds)
    checks = check_feeds(feeds, retrieve_options(arguments), now, max(0, arguments.pages))
    if arguments.format == "json":
        _print_json(checks)
    else:
        _print_checks(checks, now, Console(file=sys.stdout, highlight=False, soft_wrap=True))
    return 0 if all(check.is_usable for check in checks) else SOME_UNUSABLE


def run_discover(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Find the feeds of a site and print them."""
    url = arguments.url if "://" in arguments.url else f"https://{arguments.url}"
    if not is_http_url(url):
        raise UsageError("give the http or https address of a site", arguments.url)
    try:
        found = discover_feeds(url, retrieve_options(arguments))
    except FetchError as error:
        raise UsageError(f"the site cannot be looked at: {error.message}", url) from error
    if arguments.format == "json":
        _print_json(found)
    else:
        _print_found(url, found, Console(file=sys.stdout, highlight=False))
    return 0 if found else NOTHING_FOUND


def _print_json(rows: Iterable[Any]) -> None:
    for row in rows:
        print(json.dumps(dataclasses.asdict(row), default=_plain, ensure_ascii=False))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _print_checks(checks: list[FeedCheck], now: datetime, console: Console) -> None:
    for check in checks:
        verdict = "[green]ok[/]" if check.is_usable else "[bold red]unusable[/]"
        console.print(f"{verdict} {escape(check.url)}")
        console.print(f"   {escape(_description(check, now))}")
        for finding in check.findings:
            colour = _COLOURS[finding.level]
            console.print(f"   [{colour}]{finding.level}[/] {escape(finding.what)}")
            console.print(f"      → {escape(finding.remedy)}")
    unusable = sum(not check.is_usable for check in checks)
    console.print(f"{len(checks)} feeds, {len(checks) - unusable} usable, {unusable} not")


def _description(check: FeedCheck, now: datetime) -> str:
    parts = [f"robots.txt: {check.robots_decision or 'not asked'}"]
    if check.format is not None:
        parts = [check.format, f"{check.entries} entries", *parts]
    if check.newest is not None:
        parts.append(f"newest {in_words(now - check.newest)} old")
    if check.pages:
        texts = [page.words for page in check.pages if page.method is not None]
        words = f", {min(texts)} words and more" if texts else ""
        parts.append(f"{len(texts)} of {len(check.pages)} pages give a text{words}")
    return " · ".join(parts)


def _print_found(url: str, found: list[FoundFeed], console: Console) -> None:
    if not found:
        console.print(
            f"no feeds at {escape(url)}; try the address of a section, or look in a browser"
        )
        return
    table = Table("feed", "title", "format", "entries", "newest", "found by")
    for feed in found:
        newest = f"{feed.newest:%Y-%m-%d}" if feed.newest else ""
        cells = (feed.url, feed.title or "", feed.format, str(feed.entries), newest, feed.found_by)
        table.add_row(*(escape(cell) for cell in cells))
    console.print(table)
