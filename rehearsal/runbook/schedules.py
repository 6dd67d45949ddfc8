"""Words of time in Portuguese and English: `Diário às 02:00`, `7 dias (daily), 30 dias (weekly)`, `Quinzenal`."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, time
from typing import NamedTuple

from rehearsal.runbook.vocabulary import canonical, fold

_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_KINDS = {"daily": 1, "weekly": 7, "monthly": 30, "yearly": 365}
"""Of each kind of backup the days until the next one: `4 semanais` are 28 days."""
# A fortnight is 14 days; `quinzenal` is said of 15. Each word is taken at its own.
_INTERVALS = {
    "daily": 1, "weekly": 7, "fortnightly": 14, "half-monthly": 15, "monthly": 30, "quarterly": 90, "half-yearly": 180,
    "yearly": 365,
}  # fmt: skip
_AMOUNT = r"([0-9]{1,4}) ?([^\W\d_]+)"
_REMARK = re.compile(r"\([^()]*\)")
_MORE = re.compile(r"[;,:][^()]*(?=\))")
"""What a remark says behind the kind: `35 dias (semanal; 5 arquivos)`."""
_EVERY = re.compile(rf"(?:(?:a cada|every) )?{_AMOUNT}")
_BETWEEN = re.compile(r"\s*[,;+]\s*|\s+(?:e|and)\s+")
_CLOCK = re.compile(r"(?<!cada )(?<!every )(?<![0-9:])([0-9]{1,2})(?:[:h]([0-9]{2})|h)?\s*(?:([ap])\.?m\b)?(?![0-9:])")
_EACH_DAY = re.compile(
    r"\b(?:tod[ao]s? (?:os |as )?(?:dias?|noites?|madrugadas?)|cada dia|(?:every|each) (?:day|night)|nightly)\b"
)
_OTHER = re.compile(
    r"\b(?:segunda|terca|quarta|quinta|sexta|sabado|domingo|(?:mon|tues|wednes|thurs|fri|satur|sun)day|dias? uteis"
    r"|seman|week|mes|mensa|month|quinze|fortnight|trimestr|quarter|anua|year|ano|hora|hour|manual|demanda|demand)"
)
"""What is said of a rhythm that is not daily."""
_AFTERNOON = re.compile(r"\s*(?:da|de) (?:tarde|noite)\b")


_WEEKDAYS = (
    "segunda|monday",
    "terca|tuesday",
    "quarta|wednesday",
    "quinta|thursday",
    "sexta|friday",
    "sabado|saturday",
    "domingo|sunday",
)
_DAY = re.compile(r"\b(?:dia|day) ([0-9]{1,2})\b|\b([0-9]{1,2})(?:st|nd|rd|th)\b")


class Rhythm(NamedTuple):
    """When something is made each week or month; None for what is not said."""

    weekday: int | None
    """0 is Monday."""
    day: int | None
    """Of the month."""
    at: time | None

    def fits(self, moment: datetime) -> bool:
        """Tell whether a moment is one of those."""
        return (
            self.weekday in (None, moment.weekday())
            and self.day in (None, moment.day)
            and self.at in (None, moment.time().replace(second=0, microsecond=0))
        )

    @property
    def words(self) -> str:
        """What is said: ` on Sundays at 03:15`; empty where nothing is."""
        day = f" on {calendar.day_name[self.weekday]}s" if self.weekday is not None else ""
        return day + (f" on day {self.day}" if self.day else "") + (f" at {self.at:%H:%M}" if self.at else "")


class NotAScheduleError(ValueError):
    """Words that name no time: what was expected and what stood there."""


def daily_time(frequency: str) -> time | None:
    """Return the hour of a daily backup; None where it is not daily or no hour is named.

    Raises NotAScheduleError for an hour that no clock shows.
    """
    said = fold(frequency)
    if not any(canonical(word) == "daily" for word in re.findall(r"[^\W\d_]+", said)) and not _EACH_DAY.search(said):
        if not _OTHER.search(said) and any(match[0].strip() != match[1] for match in _CLOCK.finditer(said)):
            msg = f"expected how often, such as `Diário às 02:00` or `Semanal`, found `{frequency}`"
            raise NotAScheduleError(msg)
        return None
    return _clock(said, frequency)


def rhythm_of(frequency: str, kind: str) -> Rhythm:
    """Return when backups of a kind are made, as far as that is said of it: `mensal no dia 1 às 04:15`.

    What is no clear day or hour is not said.
    """
    said = fold(frequency)
    words = [(match.start(), canonical(match[0])) for match in re.finditer(r"[^\W\d_]+", said)]
    kinds = [(start, word) for start, word in words if word in _KINDS]
    here = next((number for number, (_, word) in enumerate(kinds) if word == kind), None)
    if here is None:
        return Rhythm(None, None, None)
    clause = said[kinds[here][0] : kinds[here + 1][0] if here + 1 < len(kinds) else None]
    days = {int(match[1] or match[2]) for match in _DAY.finditer(clause)} if kind == "monthly" else set()
    return _rhythm(clause, days)


def rhythm_in(sentence: str) -> Rhythm:
    """Return the day of the week and the hour that a sentence names, where it names one: `cron, domingo 03:30`."""
    said = fold(sentence)
    rhythm = _rhythm(said, set())
    hours = [match for match in _CLOCK.finditer(said) if match[0].strip() != match[1]]
    return rhythm if len(hours) == 1 else rhythm._replace(at=None)


def _rhythm(clause: str, days: set[int]) -> Rhythm:
    weekdays = {number for number, names in enumerate(_WEEKDAYS) if re.search(rf"\b(?:{names})", clause)}
    try:
        at = _clock(clause, clause)
    except NotAScheduleError:
        at = None
    weekday, day = (found.pop() if len(found) == 1 else None for found in (weekdays, days))
    return Rhythm(weekday, day, at)


def _clock(said: str, frequency: str) -> time | None:
    for match in _CLOCK.finditer(said):
        hour, minute, half = match.groups()
        if match[0].strip() == hour:
            continue  # a bare number is no hour
        half = half or ("p" if _AFTERNOON.match(said, match.end()) else "")
        try:
            clock = time(int(hour), int(minute or 0))
            return clock.replace(hour=clock.hour % 12 + (12 if half == "p" else 0)) if half else clock
        except ValueError:
            msg = f"expected an hour of the day such as 02:00, found `{match[0].strip()}` in `{frequency}`"
            raise NotAScheduleError(msg) from None
    return None


def retention_days(retention: str) -> dict[str, int]:
    """Return the days that each kind of backup is kept; a single figure stands under `daily`.

    Raises NotAScheduleError for words that name none.
    """
    kept: dict[str, int] = {}
    entries = _BETWEEN.split(_MORE.sub("", fold(retention)))
    for entry in entries:
        amounts = re.findall(_AMOUNT, _REMARK.sub("", entry))
        number, unit = amounts[0] if len(amounts) == 1 else ("0", "")
        days = int(number) * {**_DAYS, **_KINDS}.get(canonical(unit), 0)
        if not days:
            msg = f"expected a retention such as `7 dias (daily), 30 dias (weekly)`, found `{retention}`"
            raise NotAScheduleError(msg)
        kinds = [canonical(word) for word in re.findall(r"[^\W\d_]+", entry) if canonical(word) in _KINDS]
        kind = kinds[0] if kinds else "daily" if len(entries) == 1 else ""
        if not kind or kind in kept:
            msg = f"expected each figure of the retention for one kind (daily, weekly, monthly), found `{retention}`"
            raise NotAScheduleError(msg)
        kept[kind] = days
    return kept


def interval_days(interval: str) -> int | None:
    """Return `Quinzenal` or `a cada 15 dias` in days; None where it is not understood."""
    said = fold(interval)
    if match := _EVERY.match(said):
        unit = canonical(match[2])
        return int(match[1]) * _DAYS[unit] or None if unit in _DAYS else None
    first = re.match(r"[^\W\d_]+", said)
    return _INTERVALS.get(canonical(said)) or _INTERVALS.get(canonical(first[0]) if first else "")
