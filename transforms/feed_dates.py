"""Dates as feeds and pages write them, to UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from dateutil import parser as dateutil_parser  # type: ignore[import-untyped, unused-ignore]
from dateutil.tz import gettz  # type: ignore[import-untyped, unused-ignore]

_MAX_LENGTH = 100
_ISO_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
# Zone names that RFC 822 does not know, seconds east of Greenwich; ambiguous ones are left out.
_ZONES = {
    "UT": 0, "GMT": 0, "UTC": 0, "Z": 0, "WET": 0, "WEST": 3600, "BST": 3600, "CET": 3600,
    "CEST": 7200, "MEZ": 3600, "MESZ": 7200, "EET": 7200, "EEST": 10800, "MSK": 10800,
    "EST": -18000, "EDT": -14400, "CST": -21600, "CDT": -18000, "MST": -25200, "MDT": -21600,
    "PST": -28800, "PDT": -25200, "AKST": -32400, "AKDT": -28800, "HST": -36000, "JST": 32400,
    "KST": 32400, "AEST": 36000, "AEDT": 39600, "NZST": 43200, "NZDT": 46800, "HKT": 28800,
    "SGT": 28800, "ET": "America/New_York", "CT": "America/Chicago", "PT": "America/Los_Angeles",
}  # fmt: skip


def parse_date(text: str | None) -> datetime | None:
    """Read a date of RFC 822, RFC 3339, ISO 8601 or common variants; None where it is none.

    A date without a zone is taken as UTC, one without a time as midnight.
    """
    text = " ".join((text or "").split())
    if not text or len(text) > _MAX_LENGTH or not any(c.isdigit() for c in text):
        return None
    for read in (datetime.fromisoformat, _from_rfc822, _from_anything):
        try:
            moment = read(text)
            return _to_utc(moment)
        except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
            continue
    return None


def _from_rfc822(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    has_zone_name = re.search(r"[A-Za-z]{2,4}$", text)
    if moment.tzinfo is None and has_zone_name:
        raise ValueError("a zone that RFC 822 does not know")
    return moment


def _from_anything(text: str) -> datetime:
    default = datetime(1, 1, 1)
    found: datetime = dateutil_parser.parse(text, tzinfos=_zone, default=default)
    other = dateutil_parser.parse(text, tzinfos=_zone, default=datetime(2, 2, 2))
    if found.date() != other.date():
        raise ValueError("year, month or day is missing")
    return found


def _zone(name: str | None, offset: int | None) -> object:
    if offset is not None:
        return offset
    known = _ZONES.get((name or "").upper(), 0)
    return gettz(known) if isinstance(known, str) else known


def _to_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Midnight UTC of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
