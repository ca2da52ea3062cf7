"""Find the agency whose copy an article is: by its byline, its dateline or a credit line."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
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
    words: frozenset[str]  # one of these is in every line that gives it away
    domains: tuple[str, ...]
    byline: re.Pattern[str]
    dateline: re.Pattern[str]
    credit: re.Pattern[str]


@dataclass(frozen=True)
class _Services:
    """All services, and which of them a line may name: looking closer takes ten times as long."""

    all: tuple[_Service, ...]
    unlisted: re.Pattern[str]  # the dateline of one that is not listed

    @cached_property
    def _by_word(self) -> dict[str, tuple[int, ...]]:
        words = {word for service in self.all for word in service.words}
        numbered = list(enumerate(self.all))
        return {word: tuple(n for n, s in numbered if word in s.words) for word in words}

    @cached_property
    def _by_domain(self) -> dict[str, _Service]:
        return {domain: service for service in reversed(self.all) for domain in service.domains}

    def named_in(self, line: str) -> Iterator[_Service]:
        """Yield the services that a line may name, in the order of the data file."""
        words = self._by_word.keys() & set(_WORD.findall(line.casefold()))
        numbers = {number for word in words for number in self._by_word[word]}
        return (self.all[number] for number in sorted(numbers))

    def at(self, domain: str) -> _Service | None:
        """Return the service whose own site this is."""
        parts = domain.split(".")
        names = (".".join(parts[start:]) for start in range(len(parts)))
        return next((self._by_domain[name] for name in names if name in self._by_domain), None)


@cache
def _services() -> _Services:
    """Read the data file."""
    text = files(__package__).joinpath("services.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    patterns = table["patterns"]
    unlisted = re.compile(patterns["unlisted"].replace("{name}", _OTHER))
    return _Services(tuple(_service(row, patterns) for row in table["service"]), unlisted)


def _service(row: dict[str, list[str]], patterns: dict[str, list[str]]) -> _Service:
    names, short = tuple(row["names"]), tuple(row.get("short", ()))
    full = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    abbreviated = "|".join(map(re.escape, short)) or "(?!)"
    either = f"(?:{full}|{abbreviated})"
    byline = rf"(?i:\b(?:{full})\b)|^(?:by )?(?:{abbreviated})\b|[,|/(–—-] ?(?:{abbreviated})\b"
    credit = [*(p.replace("{name}", either) for p in patterns["credit"]), *row.get("marks", ())]
    return _Service(
        name=str(row["name"]),
        words=frozenset(
            (*map(_longest_word, (*names, *short)), *(row["mark_words"] if "marks" in row else ()))
        ),
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
    services = _services()
    own = services.at(article.canonical_domain or "")
    if own is not None:
        return Credit(own.name, is_copy=False)
    lines = [line.strip() for line in article.text_content.split("\n") if line.strip()]
    found = _by_dateline(lines, services)
    found = found or _by_byline(article, services) or _by_credit(lines, services)
    if found is None:
        return None
    return Credit(found, is_copy=not _publishes(article, found))


def _publishes(article: Article, service: str) -> bool:
    publisher = (article.publisher or "").casefold()
    return publisher == service.casefold() or publisher.startswith(f"{service.casefold()} ")


def _by_dateline(lines: list[str], services: _Services) -> str | None:
    for line in lines[:HEAD]:
        start = line[:160]
        if "(" not in start:
            continue
        for service in services.named_in(start):
            if service.dateline.match(start):
                return service.name
        other = services.unlisted.match(start)
        if other and not _STATES.match(other["other"]) and not _DATES.match(other["other"]):
            return other["other"]
    return None


def _by_byline(article: Article, services: _Services) -> str | None:
    for author in article.authors:
        for service in services.named_in(author):
            if service.byline.search(author):
                return service.name
    return None


def _by_credit(lines: list[str], services: _Services) -> str | None:
    for line in _ends(lines):
        for service in services.named_in(line):
            if service.credit.search(line):
                return service.name
    return None


def _ends(lines: list[str]) -> Iterator[str]:
    """Yield short paragraphs from both ends: the last first, where most credits stand."""
    ends = [*islice(reversed(lines), FOOT), *lines[:HEAD]]
    yield from (line for line in ends if len(line) <= LONGEST_CREDIT)
