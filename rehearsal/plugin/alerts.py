"""Whether a daily check said what it had to when a drill pushed a replica over a line."""

from __future__ import annotations

from rehearsal.plugin.record import Record
from rehearsal.results.model import Outcome
from rehearsal.runbook.model import Threshold

_LEVELS = {"warning": Outcome.WARNING, "critical": Outcome.CRITICAL}


def expect_level(evidence: Record, seen: Record, row: Threshold, level: str, *, culprit: str = "") -> None:
    """Record that a daily check came to a level of a row, with its action and, where one is given, its culprit.

    What it came to instead is `unknown`: the replica could not be brought there, on a machine that is too busy for it.
    """
    expected, source = _LEVELS[level], evidence.source(row.place)
    found = max((one.outcome for one in seen.measurements), key=lambda one: one.severity, default=Outcome.UNKNOWN)
    said = [one for one in seen.findings if one.outcome is found]
    shown = (
        said[0].message if said else ", ".join(f"{one.name} {one.value:.4g} {one.unit}" for one in seen.measurements)
    )
    evidence.covers(row.place.line)
    if found is not expected:
        evidence.unknown(f"expected the drill to bring {row.metric} to {level}, found {found}: {shown}", source=source)
    elif any(one.action != row.action for one in said):
        evidence.critical(
            f"expected the action `{row.action}` of {row.metric}, found `{said[0].action}`", source=source
        )
    elif culprit and not any(culprit in one.message for one in said):
        evidence.unknown(f"expected the drill to make {culprit} the one that uses most, found: {shown}", source=source)
    else:
        evidence.saw(f"{level}: {shown}; action: {row.action or 'none is given'}")
