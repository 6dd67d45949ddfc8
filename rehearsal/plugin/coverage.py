"""Each section of the runbook on one side, the checks that claim it on the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rehearsal.results.model import Coverage, Outcome, Result
from rehearsal.runbook import Runbook, RunbookError, Section, section

UNSEEN = (Outcome.UNKNOWN, Outcome.NOT_APPLICABLE)


def coverage_of(
    runbook: Runbook, claims: Mapping[str, tuple[str, ...]], results: Mapping[str, Result]
) -> tuple[Coverage, ...]:
    """Tell for each section which checks saw it, and which claim it without having seen it.

    `claims` maps the node id of every collected check to the headings that it names, outermost first.
    """
    by_line: dict[int, list[str]] = {}
    for node_id, headings in claims.items():
        place = _find(runbook, headings)
        if place is not None:
            by_line.setdefault(place.line, []).append(node_id)
    return tuple(_row(one, by_line.get(one.line, ()), results) for one in runbook.sections)


def _find(runbook: Runbook, headings: tuple[str, ...]) -> Section | None:
    try:
        return section(runbook, *headings)
    except RunbookError:
        return None


def _row(one: Section, node_ids: Iterable[str], results: Mapping[str, Result]) -> Coverage:
    seen = [node for node in node_ids if node in results and results[node].outcome not in UNSEEN]
    unseen = [node for node in node_ids if node not in seen]
    return Coverage(one.heading, one.line, one.level, tuple(seen), tuple(unseen))
