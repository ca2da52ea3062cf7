"""Whose copy an article is, by what it says itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import article
from transforms.syndication.wire import Credit, find_credit

LONG = "Reuters and the AP were both quoted in what followed. " * 6


def credited(body: str = "", **fields: Any) -> Credit | None:
    return find_credit(article(text_content=f"The headline\n{body}", **fields))


@pytest.mark.parametrize(
    ("body", "service"),
    [
        ("LONDON (Reuters) - Rain fell.", "Reuters"),
        ("WASHINGTON (AP) — Rain fell.", "Associated Press"),
        ("(AP) - Rain fell.", "Associated Press"),
        ("PARIS, March 3 (AFP) – Rain fell.", "AFP"),
        ("Berlin (dpa) - Rain fell.", "dpa"),
        ("MADRID, Nov. 3 (EFE).- Rain fell.", None),
        ("By Ann Lee. LONDON (Reuters) - Rain fell.", "Reuters"),
        ("BEIJING, Nov 3 (Xinhua) -- Rain fell.", "Xinhua"),
        ("AALBORG, Denmark (Norsk Presse) — Rain fell.", "Norsk Presse"),
        ("The standfirst.\n(Reporting by A Lee)\nAALBORG (Norsk) - Rain.", "Norsk"),
        ("NEW YORK, Nov. 3, 2026 /PRNewswire/ -- Acme is glad.", "PR Newswire"),
        ("LONDON--(BUSINESS WIRE)--Acme is glad.", "Business Wire"),
        ("OSLO, Nov. 03, 2026 (GLOBE NEWSWIRE) -- Acme is glad.", "GlobeNewswire"),
        ("John Smith (Con) - who won here - said so.", None),
        ("PARIS (March 3) - Rain fell.", None),
        ("The party (Labour) - which lost - said so.", None),
        ("She told Reuters (AP) about it.", None),
    ],
)
def test_datelines(body: str, service: str | None) -> None:
    found = credited(body)
    assert (found.service if found else None) == service


@pytest.mark.parametrize(
    ("author", "service"),
    [
        ("The Associated Press", "Associated Press"),
        ("Jane Doe, AP", "Associated Press"),
        ("AP Sports Writer", "Associated Press"),
        ("Jane Doe | Reuters", "Reuters"),
        ("jane doe for the press association", "PA Media"),
        ("Ann Lee, Local Democracy Reporter", "Local Democracy Reporting Service"),
        ("Pa Smith", None),
        ("Reut Ers", None),
        ("Staff report", None),
    ],
)
def test_bylines(author: str, service: str | None) -> None:
    found = credited("Rain fell.", authors=("Somebody", author))
    assert (found.service if found else None) == service


@pytest.mark.parametrize(
    ("line", "service"),
    [
        ("© 2026 The Associated Press. All rights reserved.", "Associated Press"),
        ("Copyright 2026 Reuters", "Reuters"),
        ("(c) AFP", "AFP"),
        ("Source: Xinhua", "Xinhua"),
        ("— AFP", "AFP"),
        ("(Reporting by Anders Friis; editing by Lucy Tan)", "Reuters"),
        ("The Associated Press contributed to this report.", "Associated Press"),
        ("This story was originally published by ProPublica.", "ProPublica"),
        ("With reporting by Reuters", "Reuters"),
        ("SOURCE Acme Widgets, Inc.", "PR Newswire"),
        ("He had told Reuters so.", None),
        (LONG, None),
    ],
)
@pytest.mark.parametrize("place", ["{line}\nRain fell.\nIt fell long.", "Rain fell.\n{line}"])
def test_credit_lines(line: str, service: str | None, place: str) -> None:
    found = credited(place.format(line=line))
    assert (found.service if found else None) == service


def test_a_credit_in_the_middle_of_a_long_text_does_not_count() -> None:
    rain = "\n".join(["Rain fell."] * 20)
    assert credited(f"{rain}\nSource: Xinhua\n{rain}") is None


@pytest.mark.parametrize(
    ("fields", "is_copy"),
    [
        ({"canonical_domain": "reuters.com"}, False),
        ({"canonical_domain": "uk.reuters.com"}, False),
        ({"canonical_domain": "notreuters.com"}, True),
        ({"publisher": "Reuters"}, False),
        ({"publisher": "The Humber Courier"}, True),
    ],
)
def test_on_the_agencys_own_site_it_is_no_copy(fields: dict[str, Any], is_copy: bool) -> None:
    assert credited("LONDON (Reuters) - Rain.", **fields) == Credit("Reuters", is_copy)


@pytest.mark.parametrize(
    "line",
    [
        f"(reporting by {'a; ' * 70}",
        f"By {'A, ' * 20}{'- ' * 20}({'x' * 20}",
        "© " * 100,
        f"{'SOURCE ' * 30}(",
    ],
)
def test_lines_made_to_be_slow_end(line: str) -> None:
    assert credited("\n".join([line] * 12)) is None


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_can_be_looked_at(text: str, author: str) -> None:
    credit = find_credit(article(text_content=text, authors=(author,)))
    assert credit is None or credit.service


def test_an_article_that_credits_nobody() -> None:
    assert find_credit(article()) is None
    assert find_credit(article(text_content="")) is None
