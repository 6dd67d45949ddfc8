"""The figures in what a script said: where each stands, and how it changed the next time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rehearsal.drills.said import Said, numbers

_MIB = 1 << 20
_LEAST, _MOST = 0.75, 2.5
"""Of what was put into Redis: a server rounds up what it takes, and its buffers keep what came in for a while."""
_NEAR = 0.02
_UNITS = {"": 1, "b": 1, "bytes": 1, "k": 1 << 10, "m": _MIB, "g": 1 << 30}
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(%|bytes\b|[kmg]i?b?\b|b\b)?", re.IGNORECASE)
Place = tuple[str, int]
"""A line without its numbers, and which of them."""


def following(few_said: Said, few: Sequence[int], many_said: Said, many: Sequence[int]) -> list[Place]:
    """Return the places of what was said at which a number went from one of `few` to one of `many`."""
    before, after = figures_of(few_said.text), figures_of(many_said.text)
    pairs = [*zip(few, many, strict=True)]
    return [place for place in before.keys() & after.keys() if (before[place], after[place]) in pairs]


def figures_of(text: str) -> dict[Place, float]:
    """Return each number of a text by its place."""
    found: dict[Place, float] = {}
    for line in text.splitlines():
        words = re.sub(r"\d+(?:[.,]\d+)?", "0", line).strip()
        for number, value in enumerate(numbers(line)):
            found.setdefault((words, number), value)
    return found


def is_growth(change: float, real: float, percent: bool) -> bool:  # noqa: FBT001 - one of two kinds of figures
    """Tell whether a figure grew by what was really added, as far as a server's rounding goes."""
    slack = 1.0 if percent else 0.0
    return real > 0 and real * _LEAST - slack <= change <= real * _MOST + slack


def growths(before: Said, after: Said) -> Iterator[tuple[float, bool]]:
    """Yield by how much each size grew, in bytes, or in percent where the second is True."""
    one, two = _sizes(before.text), _sizes(after.text)
    for place in one.keys() & two.keys():
        yield two[place] - one[place], place[2]


def still_percents(before: Said, after: Said, limit: int) -> list[float]:
    """Return the percentages that did not change in lines that name `limit`, in bytes, and a size that grew."""
    one, two = _sizes(before.text), _sizes(after.text)
    both = one.keys() & two.keys()
    named = {place[0] for place in both if not place[2] and abs(two[place] - limit) < limit * _NEAR}
    grown = {place[0] for place in both if not place[2] and two[place] - one[place] >= _MIB}
    return [two[place] for place in both if place[2] and place[0] in named & grown and one[place] == two[place]]


def _sizes(text: str) -> dict[tuple[str, int, bool], float]:
    found: dict[tuple[str, int, bool], float] = {}
    for line in text.splitlines():
        words = _SIZE.sub("0", line).strip()
        for number, (value, unit) in enumerate(_SIZE.findall(line)):
            percent = unit == "%"
            factor = 1 if percent else _UNITS[unit.lower() if unit.lower() == "bytes" else unit[:1].lower()]
            found.setdefault((words, number, percent), float(value.replace(",", ".")) * factor)
    return found
