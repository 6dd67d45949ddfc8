"""Whom to call: the contacts of each team, and the levels of escalation."""

from __future__ import annotations

import re

from rehearsal.runbook.model import Contact, EscalationLevel, Problem, Row
from rehearsal.runbook.parts import Document, Item, Part
from rehearsal.runbook.placeholders import find_placeholders
from rehearsal.runbook.resembling import those_that_mean
from rehearsal.runbook.vocabulary import fold

CHAPTER = "Contacts and Escalation"
ESCALATION = "Escalation Procedures"
_LEVEL = re.compile(r"(?:nivel|level) ?([0-9]{1,3})")
_NUMBER = re.compile(r"([0-9]{1,3})")
_NAME = re.compile(r"\(([^()]+)\)|[-\u2013\u2014,]\s*(.+)")


def read_contacts(document: Document) -> tuple[Contact, ...]:
    """Read the lines under each team of the chapter of contacts."""
    found: list[Contact] = []
    chapters, levels = _chapters(document)
    for part in document.parts:
        in_chapter = bool(chapters & {*part.above, part.heading}) and part.heading not in levels
        for item in part.items if in_chapter else []:
            unfilled = find_placeholders(item.value, item.step.line)
            found.append(Contact(part.heading, item.label, item.value, unfilled, item.step.line))
        for row in _rows(part) if in_chapter else []:
            text = " - ".join(row.cells[1:])
            found.append(Contact(part.heading, row.cells[0], text, find_placeholders(text, row.line), row.line))
    return tuple(found)


def read_escalation(document: Document) -> tuple[EscalationLevel, ...]:
    """Read the levels of escalation, from a numbered or a plain list."""
    found: list[EscalationLevel] = []
    _, levels = _chapters(document)
    for part in document.parts:
        if part.heading in levels:
            for item in sorted(part.steps + part.items, key=lambda item: item.step.line):
                level = _level(item)
                if level:
                    found.append(level)
                else:
                    message = f"expected a level such as `Nível 1 (Operações): …`, found `{item.step.text}`"
                    place = part.place(item.step.line)
                    document.problems.append(Problem("escalation", item.label, message, place))
            found += [level for row in _rows(part) if (level := _level_in(row))]
    return tuple(found)


def _chapters(document: Document) -> tuple[frozenset[str], frozenset[str]]:
    """Return the headings of contacts and those of escalation."""
    headings = [part.heading for part in document.parts]
    return those_that_mean(headings, CHAPTER), those_that_mean(headings, ESCALATION)


def _rows(part: Part) -> list[Row]:
    return [row for table in part.tables for row in table[1:]]


def _level_in(row: Row) -> EscalationLevel | None:
    match = _LEVEL.match(fold(row.cells[0])) or _NUMBER.fullmatch(row.cells[0].strip())
    if not match:
        return None
    name = _NAME.search(row.cells[0])
    rest = row.cells[1:] if name else row.cells[2:]
    called = (name[1] or name[2]) if name else "".join(row.cells[1:2])
    return EscalationLevel(int(match[1]), called.strip(), " - ".join(rest), row.line)


def _level(item: Item) -> EscalationLevel | None:
    match = _LEVEL.match(fold(item.label))
    if not match:
        return None
    name = _NAME.search(item.label)
    return EscalationLevel(int(match[1]), (name[1] or name[2]).strip() if name else "", item.value, item.step.line)
