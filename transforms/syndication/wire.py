"""Find the agency whose copy an article is: by its byline, its dateline or a credit line."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice

from schemas.rows import Article

HEAD, FOOT = 6, 5  # paragraphs that are looked at, from either end
LONGEST_CREDIT = 220  # characters of a paragraph that is nothing but a credit
_OTHER = r"(?P<other>[A-Z][\w’'.&-]+(?: [A-Z][\w’'.&-]+){0,2})"
_WORD = re.compile(r"\w+")
_STATES = re.compile(r"^(?:[A-Z]\.){2,}$|^[A-Z][a-z]*\.$")  # “PARIS (Tex.) —” is no agency
_DATES = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
)


@dataclass(frozen=True)
class Credit:
    """The service that supplied an article."""

    service: str
    is_copy: bool  # False: it stands on the service's own site


@dataclass(frozen=True)
class _Service:
    name: str
    words: frozenset[str]  # one of these is in every line that names it; none: in any line
    domains: tuple[str, ...]
    byline: re.Pattern[str]
    dateline: re.Pattern[str]
    credit: re.Pattern[str]


@cache
def _services() -> tuple[tuple[_Service, ...], re.Pattern[str]]:
    """Read the data file: the services, and the dateline of one that is not listed."""
    text = files(__package__).joinpath("services.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    patterns = table["patterns"]
    unlisted = re.compile(patterns["unlisted"].replace("{name}", _OTHER))
    return tuple(_service(row, patterns) for row in table["service"]), unlisted


def _service(row: dict[str, list[str]], patterns: dict[str, list[str]]) -> _Service:
    names, short = tuple(row["names"]), tuple(row.get("short", ()))
    full = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    abbreviated = "|".join(map(re.escape, short)) or "(?!)"
    either = f"(?:{full}|{abbreviated})"
    byline = rf"(?i:\b(?:{full})\b)|^(?:by )?(?:{abbreviated})\b|[,|/(–—-] ?(?:{abbreviated})\b"
    credit = [*(p.replace("{name}", either) for p in patterns["credit"]), *row.get("marks", ())]
    return _Service(
        name=str(row["name"]),
        words=frozenset() if "marks" in row else frozenset(map(_longest_word, (*names, *short))),
        domains=tuple(row.get("domains", ())),
        byline=re.compile(byline),
        dateline=re.compile(str(patterns["dateline"]).replace("{name}", either)),
        credit=re.compile("|".join(f"(?:{pattern})" for pattern in credit), re.IGNORECASE),
    )


def _longest_word(name: str) -> str:
    words: list[str] = _WORD.findall(name.casefold())
    return max(words, key=len)


def find_credit(article: Article) -> Credit | None:
    """Return whose copy the article says it is; None: it credits nobody.

    Datelines are believed first, then bylines, then credit lines. What running text says of
    agencies (“told Reuters”) does not count.
    """
    services, unlisted = _services()
    for service in services:
        if _is_own_site(article, service):
            return Credit(service.name, is_copy=False)
    lines = [line.strip() for line in article.text_content.split("\n") if line.strip()]
    found = _by_dateline(lines, services, unlisted)
    found = found or _by_byline(article, services) or _by_credit(lines, services)
    if found is None:
        return None
    return Credit(found, is_copy=not _publishes(article, found))


def _is_own_site(article: Article, service: _Service) -> bool:
    domain = article.canonical_domain or ""
    return any(domain == own or domain.endswith(f".{own}") for own in service.domains)


def _publishes(article: Article, service: str) -> bool:
    publisher = (article.publisher or "").casefold()
    return publisher == service.casefold() or publisher.startswith(f"{service.casefold()} ")


def _may_name(service: _Service, line: str) -> bool:
    """Say whether it is worth looking closer; a tenth of the time of looking."""
    return not service.words or not service.words.isdisjoint(_words(line))


@lru_cache(maxsize=64)
def _words(line: str) -> frozenset[str]:
    return frozenset(_WORD.findall(line.casefold()))


def _by_dateline(
    lines: list[str], services: tuple[_Service, ...], unlisted: re.Pattern[str]
) -> str | None:
    for line in lines[:HEAD]:
        start = line[:160]
        if "(" not in start:
            continue
        for service in services:
            if service.dateline.match(start):
                return service.name
        other = unlisted.match(start)
        if other and not _STATES.match(other["other"]) and not _DATES.match(other["other"]):
            return other["other"]
    return None


def _by_byline(article: Article, services: tuple[_Service, ...]) -> str | None:
    for author in article.authors:
        for service in services:
            if _may_name(service, author) and service.byline.search(author):
                return service.name
    return None


def _by_credit(lines: list[str], services: tuple[_Service, ...]) -> str | None:
    for line in _ends(lines):
        for service in services:
            if _may_name(service, line) and service.credit.search(line):
                return service.name
    return None


def _ends(lines: list[str]) -> Iterator[str]:
    """Yield short paragraphs from both ends: the last first, where most credits stand."""
    ends = [*islice(reversed(lines), FOOT), *lines[:HEAD]]
    yield from (line for line in ends if len(line) <= LONGEST_CREDIT)
