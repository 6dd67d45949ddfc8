"""Whom to call: the contacts of each team, and the levels of escalation."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
        for table in part.tables if in_chapter else []:
            column = _column_of_levels(table[0])
            for row in table[1:]:
                said = [
                    f"{table[0].cells[place]} {cell}" if place == column and _NUMBER.fullmatch(cell.strip()) else cell
                    for place, cell in enumerate(row.cells)
                ]
                text = " - ".join(said[1:])
                found.append(Contact(part.heading, said[0], text, find_placeholders(text, row.line), row.line))
    return tuple(found)


def read_escalation(document: Document) -> tuple[EscalationLevel, ...]:
    """Read the levels of escalation, from a numbered or a plain list."""
    found: list[EscalationLevel] = []
    chapters, levels = _chapters(document)
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
    parts = [part for part in document.parts if chapters & {*part.above, part.heading}]
    return tuple(found or _levels_of_people(parts))


def _levels_of_people(parts: list[Part]) -> Iterator[EscalationLevel]:
    """Yield each level that a table of contacts has in a column: `| Nível | Quem | E-mail | Telefone |`."""
    seen: set[int] = set()
    for table in (table for part in parts for table in part.tables):
        column = _column_of_levels(table[0])
        for row in table[1:] if column is not None else []:
            cell = row.cells[column or 0]
            match = _LEVEL.match(fold(cell)) or _NUMBER.fullmatch(cell.strip())
            if match and int(match[1]) not in seen:
                seen.add(int(match[1]))
                name, *rest = [one for place, one in enumerate(row.cells) if place != column] or [""]
                yield EscalationLevel(int(match[1]), name, " - ".join(rest), row.line)


def _column_of_levels(header: Row) -> int | None:
    return next((place for place, cell in enumerate(header.cells) if fold(cell) in ("nivel", "level")), None)


def _chapters(document: Document) -> tuple[frozenset[str], frozenset[str]]:
    """Return the headings of contacts and those of escalation."""
    headings = [part.heading for part in document.parts]
    chapters, levels = those_that_mean(headings, CHAPTER), those_that_mean(headings, ESCALATION)
    inside = [part for part in document.parts if chapters & {*part.above}]
    return chapters, levels or frozenset(part.heading for part in inside if _lists_levels(part))


def _lists_levels(part: Part) -> bool:
    """Tell whether a section of another name is a list of levels and nothing else."""
    listed = part.steps + part.items
    return len(listed) > 1 and all(map(_level, listed))


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
