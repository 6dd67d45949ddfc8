"""What the document promises of the backups of each store: how often, kept how long, where, how often validated."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from rehearsal.runbook.model import BackupPolicy, Problem, Row
from rehearsal.runbook.parts import Document, Item, Part
from rehearsal.runbook.schedules import NotAScheduleError, daily_time, interval_days, retention_days
from rehearsal.runbook.vocabulary import canonical, fold, means

CHAPTER = "Automatic Backups"
LABELS = ("frequency", "retention", "location", "validation")
_STORES = ("PostgreSQL", "Redis")
_BRACKET = re.compile(r"[^().:]{1,40}\(([^()]+)\)")
_STORE = re.compile(r"\s*[,;:/(\u2013\u2014]\s*|\s+-\s+")
"""Between the store and the kind of backup in a row: `PostgreSQL, daily`, `Redis (weekly)`."""


class _Said(NamedTuple):
    """What a document says behind one label."""

    text: str
    line: int
    path: str = ""
    """The name in code, where one stands in it."""


class _NotAPolicyError(ValueError):
    """A policy that can't be read: what was expected and found, and the line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_policies(document: Document) -> tuple[BackupPolicy, ...]:
    """Read the policy of each store, a list below its heading or rows of a table; each that is none is a problem."""
    found: list[BackupPolicy] = []
    for part in document.parts:
        ours = [(label, item) for item in part.items if (label := canonical(item.label)) in LABELS]
        under_chapter = bool(part.above) and means(part.above[-1], CHAPTER)
        said = [*_in_tables(part)]
        if ours and (under_chapter or {"frequency", "retention"} <= {label for label, _ in ours}):
            for (store, line), lines in _by_store(part, [item for _, item in ours]).items():
                here = [(label, item) for label, item in ours if item.step.line in lines]
                said.append((store, line, [(label, _of_item(item, part)) for label, item in here]))
        for store, line, labels in said:
            try:
                found.append(_policy(part, store, line, labels))
            except _NotAPolicyError as error:
                document.problems.append(Problem("backup", store, str(error), part.place(error.line)))
    return tuple(found)


def _by_store(part: Part, items: list[Item]) -> dict[tuple[str, int], list[int]]:
    """Return the lines of each store's list: below the part's heading, or below a line that is a store's name alone."""
    names = [(one.text.strip(" :"), one.line) for one in part.lines]
    stores = [one for one in names if any(is_store(one[0], store) for store in _STORES)]
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for item in items:
        above = [one for one in stores if one[1] < item.step.line]
        found[above[-1] if above else (part.heading, part.line)].append(item.step.line)
    return found


def is_store(named: str, store: str) -> bool:
    """Tell whether a heading is that of a store: `PostgreSQL`, or `Banco (PostgreSQL)`."""
    bracket = _BRACKET.fullmatch(named)
    return means(named, store) or bool(bracket and means(bracket[1], store))


def _of_item(item: Item, part: Part) -> _Said:
    return _Said(item.value or _below(item, part), item.step.line, item.codes[0].text if item.codes else "")


def _below(item: Item, part: Part) -> str:
    """Return what the items behind one say that is nothing but a label, as in a list within a list."""
    behind = part.items[part.items.index(item) + 1 :]
    return ", ".join(one.step.text for one in takewhile(lambda one: canonical(one.label) not in LABELS, behind))


def _in_tables(part: Part) -> Iterator[tuple[str, int, list[tuple[str, _Said]]]]:
    """Yield each store of a table of backups, the line of its first row, and what its rows say together."""
    for header, *rows in part.tables:
        names = [canonical(cell) for cell in header.cells]
        if not {"frequency", "retention", "location"} <= set(names) or names[0] in LABELS:
            continue
        stores: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        for row in rows:
            store, *kind = _STORE.split(row.cells[0].strip(), maxsplit=1)
            stores[store].append((" ".join(kind).rstrip(") "), row))
        for store, kinds in stores.items():
            labels = [(name, _joined(kinds, index, name)) for index, name in enumerate(names) if name in LABELS]
            yield store, kinds[0][1].line, labels


def _joined(kinds: list[tuple[str, Row]], index: int, label: str) -> _Said:
    first = kinds[0][1]
    if label in ("location", "validation"):
        return _Said(first.cells[index], first.line)
    said = []
    for kind, row in kinds:
        cell = row.cells[index].strip()
        named = not kind or fold(kind) in fold(cell)
        said.append(cell if named else f"{kind} {cell}" if label == "frequency" else f"{cell} ({kind})")
    return _Said(", ".join(said), first.line)


def _policy(part: Part, store: str, line: int, labelled: list[tuple[str, _Said]]) -> BackupPolicy:
    items: dict[str, _Said] = {}
    for label, said in labelled:
        if label in items:
            msg = f"expected one line for the {label}, found another at line {items[label].line}"
            raise _NotAPolicyError(msg, said.line)
        items[label] = said
    for label in ("frequency", "retention", "location"):
        if label not in items or not items[label].text:
            msg = f"expected a line that names the {label} of its backups, found none"
            raise _NotAPolicyError(msg, items[label].line if label in items else line)
    frequency, location = items["frequency"], items["location"]
    validation = items["validation"].text if "validation" in items else ""
    try:
        daily_at = daily_time(frequency.text)
    except NotAScheduleError as error:
        raise _NotAPolicyError(str(error), frequency.line) from None
    try:
        retention = retention_days(items["retention"].text)
    except NotAScheduleError as error:
        raise _NotAPolicyError(str(error), items["retention"].line) from None
    return BackupPolicy(
        store=store,
        frequency=frequency.text,
        daily_at=daily_at,
        retention_days=retention,
        location=location.path or location.text,
        validation=validation,
        place=part.place(line),
        validation_days=interval_days(validation),
    )
