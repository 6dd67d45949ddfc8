"""What the document says of itself: version, owner, dates of review."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rehearsal.runbook.inline import Written
from rehearsal.runbook.model import Place, Problem, Row
from rehearsal.runbook.parts import Document, Part
from rehearsal.runbook.vocabulary import canonical, fold

_AT_THE_TOP = ("version", "last updated", "owner", "status")
_ANYWHERE = ("last review", "next review", "approved by")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NAMES = "jan fev/feb mar abr/apr mai/may jun jul ago/aug set/sep out/oct nov dez/dec"
_MONTHS = {name: number for number, names in enumerate(_NAMES.split(), 1) for name in names.split("/")}
_IN_WORDS = re.compile(r"([0-9]{1,2})(?:[ºo.]|st|nd|rd|th)?(?: de| of)? ([a-z]{3})[a-z]*\.?,?(?: de| of)? ([0-9]{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3})[a-z]*\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.])([0-9]{1,2})\2([0-9]{4})")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The lines of the form `**Label:** value` that speak of the document."""

    version: str
    updated: date | None
    owner: str
    status: str
    last_review: date | None
    next_review: date | None
    approved_by: str


def read_metadata(document: Document, front_matter: Sequence[Written]) -> Metadata:
    """Read them: version, update, owner, status before the second heading, the rest in any paragraph.

    A repeated label or a date that is none becomes a problem of the document.
    """
    lines = _Lines(document)
    untitled, *headed = document.parts
    lines.gather(untitled, front_matter, _AT_THE_TOP)
    for part in (untitled, *headed[:1]):
        items = [Written(item.step.text, item.step.line) for item in part.items]
        lines.gather(part, items, (*_AT_THE_TOP, *_ANYWHERE))
        lines.gather(part, part.lines, _AT_THE_TOP)
        for table in part.tables:
            lines.gather(part, _labelled(table), (*_AT_THE_TOP, *_ANYWHERE))
    for part in document.parts:
        lines.gather(part, part.lines, _ANYWHERE)
    return Metadata(
        version=lines.value("version"),
        updated=lines.day("last updated"),
        owner=lines.value("owner"),
        status=lines.value("status"),
        last_review=lines.day("last review"),
        next_review=lines.day("next review"),
        approved_by=lines.value("approved by"),
    )


def _labelled(table: Sequence[Row]) -> list[Written]:
    """Return the rows of a table of two columns as lines with a label; none of a list of versions, which names one."""
    rows = [Written(": ".join(row.cells), row.line) for row in table if len(row.cells) == 2]  # noqa: PLR2004 -- a label and its value
    named = [row for row in rows if canonical(row.text.partition(":")[0]) in (*_AT_THE_TOP, *_ANYWHERE)]
    return named if len(named) > 1 else []


_BEHIND = re.compile(r"[.;(|\u2013\u2014]|\s-\s")
"""What ends a date where more is said in the same line: `2027-02-20. Aprovado por: Infraestrutura`."""


def _date_in(text: str) -> date | None:
    """Read `2025-01-20`, `20/01/2025`, `20 de janeiro de 2025`, `January 20, 2025`. Raises ValueError, KeyError."""
    if match := _ISO.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_FIRST.fullmatch(text):
        return date(int(match[4]), int(match[3]), int(match[1]))
    words = fold(text)
    if match := _IN_WORDS.fullmatch(words):
        return date(int(match[3]), _MONTHS[match[2]], int(match[1]))
    if match := _MONTH_FIRST.fullmatch(words):
        return date(int(match[3]), _MONTHS[match[1]], int(match[2]))
    return None


@dataclass(frozen=True, slots=True)
class _Line:
    label: str
    value: str
    place: Place


class _Lines:
    """The labelled lines found so far, by the canonical name of their label."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.found: dict[str, _Line] = {}

    def gather(self, part: Part, lines: Sequence[Written], labels: tuple[str, ...]) -> None:
        for line in lines:
            label, colon, value = line.text.partition(":")
            name = canonical(label) if colon else ""
            if name not in labels:
                continue
            new = _Line(label.strip(), value.strip(" \t\"'"), part.place(line.line))
            if name in self.found:
                self._problem(new, f"expected one line `{label}`, found another at line {self.found[name].place.line}")
            else:
                self.found[name] = new

    def value(self, name: str) -> str:
        return self.found[name].value if name in self.found else ""

    def day(self, name: str) -> date | None:
        if name not in self.found:
            return None
        line = self.found[name]
        try:
            if day := _date_in(line.value) or _date_in(_BEHIND.split(line.value)[0].strip()):
                return day
        except (ValueError, KeyError):
            pass  # a day or a month that no calendar has is said below
        self._problem(line, f"expected a date such as 2025-01-20 or 20/01/2025, found `{line.value}`")
        return None

    def _problem(self, line: _Line, message: str) -> None:
        self.document.problems.append(Problem("metadata", line.label, message, line.place))
