"""The table of thresholds."""

from __future__ import annotations

import re

from rehearsal.runbook.limits import NotALimitError, in_unit_of, read_limit, with_operators
from rehearsal.runbook.model import Problem, Row, Threshold
from rehearsal.runbook.parts import Document, Part
from rehearsal.runbook.vocabulary import canonical, in_english, means

_REMARK = re.compile(r"\s*(?:\([^()]*\)|\b(?:above|over|from|at|acima|acima de|a partir de)|>=?)\s*$", re.IGNORECASE)
"""Behind the name of a column: `Warning (>)`, `Critical (page)`, `Warning above`."""
_BARE = re.compile(r"[^\w%]*\d[\d.,]*\s*")
"""A figure without a unit, which then stands in a column of its own."""
CHAPTER = "Alerts and Thresholds"
_COLUMNS = ("metric", "warning", "critical", "action", "unit")
_OPTIONAL = {"action", "unit"}


def read_thresholds(document: Document) -> tuple[Threshold, ...]:
    """Read every table of thresholds; a row that makes no sense becomes a problem of the document."""
    found: list[Threshold] = []
    for part in document.parts:
        for table in part.tables:
            columns = _columns(document, part, table[0])
            for row in table[1:] if columns else []:
                threshold = _row(part, row, columns)
                if isinstance(threshold, Threshold):
                    found.append(threshold)
                else:
                    document.problems.append(threshold)
    return tuple(found)


def _columns(document: Document, part: Part, header: Row) -> dict[str, int]:
    """Return the index of each column of a table of thresholds; nothing for a table of something else."""
    names = [canonical(_REMARK.sub("", cell)) for cell in header.cells]
    if {"warning", "critical"} <= set(names) and "metric" not in names and names[0] not in _COLUMNS:
        # Whatever the first one is called: what has two limits is what they are about.
        names[0] = "metric"
    known = [name for name in names if name in _COLUMNS]
    is_ours = (
        {"metric", "warning"} <= set(known)
        or {"metric", "critical"} <= set(known)
        or {"warning", "critical"} <= set(known)
    )
    if not is_ours and not means(part.heading, CHAPTER):
        return {}
    if sorted(set(_COLUMNS) - _OPTIONAL - set(known)) or len(known) != len(set(known)):
        message = (
            "expected a table with one column each for metric, warning and critical, "
            f"found the columns {', '.join(cell or '(empty)' for cell in header.cells)}"
        )
        document.problems.append(Problem("threshold", "", message, part.place(header.line)))
        return {}
    return {name: index for index, name in enumerate(names) if name in _COLUMNS}


def _named(metric: str) -> str:
    """Return a metric without the remark behind it, `CPU (5 min)`, where only so it is one that is known."""
    bare = _REMARK.sub("", metric)
    return bare if in_english(bare) and not in_english(metric) else metric


def _row(part: Part, row: Row, columns: dict[str, int]) -> Threshold | Problem:
    cells = {name: row.cells[index] for name, index in columns.items()}
    for name in ("warning", "critical"):
        if cells.get("unit") and _BARE.fullmatch(cells[name]):
            cells[name] = f"{cells[name].strip()} {cells['unit'].strip()}"
    cells["warning"], cells["critical"] = with_operators(cells["warning"], cells["critical"])
    metric, place = _named(cells["metric"]), part.place(row.line)
    limits = {}
    for name in ("warning", "critical"):
        try:
            limits[name] = read_limit(cells[name])
        except NotALimitError as error:
            return Problem("threshold", metric, f"{error} as its {name}", place)
    try:
        critical = in_unit_of(limits["warning"], limits["critical"])
    except NotALimitError as error:
        return Problem("threshold", metric, str(error), place)
    return Threshold(metric, limits["warning"], critical, cells.get("action", ""), place)
