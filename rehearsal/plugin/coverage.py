"""Each section and each line of the runbook on one side, the checks that looked at it on the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rehearsal.results.model import Coverage, CoveredLine, Outcome, Result
from rehearsal.runbook import Runbook, RunbookError, Section, section
from rehearsal.runbook.promises import Promise, explains_only, promises_of

UNSEEN = (Outcome.UNKNOWN, Outcome.NOT_APPLICABLE)


def coverage_of(
    runbook: Runbook, claims: Mapping[str, tuple[str, ...]], results: Mapping[str, Result]
) -> tuple[Coverage, ...]:
    """Tell for each section, and each line in it, which checks saw it, and which claim it without having seen it.

    `claims` maps the node id of every collected check to the headings that it names, outermost first.
    """
    by_line: dict[int, dict[str, None]] = {}
    for node_id, headings in claims.items():
        place = _find(runbook, headings)
        if place is not None:
            by_line.setdefault(place.line, {})[node_id] = None
    for result in results.values():
        for line in result.lines:
            by_line.setdefault(line, {})[result.node_id] = None
    return tuple(_row(one, by_line, results) for one in runbook.sections)


def nothing_verifies(coverage: Iterable[Coverage]) -> list[tuple[Coverage, list[CoveredLine]]]:
    """Return the sections that promise something which no check even tried to look at, with those lines.

    Where a check of the section could not see it is that check which says so: no line of it is listed here.
    """
    rows = list(coverage)
    found = []
    for place, row in enumerate(rows):
        is_leaf = place + 1 == len(rows) or rows[place + 1].level <= row.level
        bare = [item for item in row.items if not item.checks and not item.claimed_by]
        untouched = is_leaf and not row.items and not row.checks
        if (bare or untouched) and not row.claimed_by and (bare or not explains_only(row.heading)):
            found.append((row, bare))
    return found


def _find(runbook: Runbook, headings: tuple[str, ...]) -> Section | None:
    try:
        return section(runbook, *headings)
    except RunbookError:
        return None


def _row(one: Section, by_line: Mapping[int, Iterable[str]], results: Mapping[str, Result]) -> Coverage:
    seen, unseen = _parted(by_line.get(one.line, ()), results)
    items = tuple(_item(promise, by_line, results) for promise in promises_of(one))
    return Coverage(one.heading, one.line, one.level, seen, unseen, items)


def _item(promise: Promise, by_line: Mapping[int, Iterable[str]], results: Mapping[str, Result]) -> CoveredLine:
    seen, unseen = _parted(by_line.get(promise.line, ()), results)
    if promise.parts and not seen:
        parts = [_parted(by_line.get(line, ()), results) for line in promise.parts]
        if all(part for part, _ in parts):
            seen = tuple(dict.fromkeys(node for part, _ in parts for node in part))
    return CoveredLine(promise.kind, promise.text, promise.line, seen, unseen)


def _parted(node_ids: Iterable[str], results: Mapping[str, Result]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    seen = tuple(node for node in node_ids if node in results and results[node].outcome not in UNSEEN)
    return seen, tuple(node for node in node_ids if node not in seen)
