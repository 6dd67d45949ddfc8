"""Rows of the table of thresholds, for a check that can do without them, held against what it measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from rehearsal.plugin.record import Record
from rehearsal.results.judge import measure
from rehearsal.results.model import Outcome
from rehearsal.runbook import Runbook, RunbookError, threshold
from rehearsal.runbook.model import Threshold
from rehearsal.runbook.resembling import those_that_mean
from rehearsal.runbook.vocabulary import canonical

_WHOLE = 100
_NOBODY_WAITS = 60
"""Seconds, after which clients and nginx have long given up."""


def known_row(runbook: Runbook, metric: str) -> Threshold | None:
    """Return the row for a metric, None where the table has none. Raises RunbookError for one that can't be read."""
    rows = those_that_mean((one.metric for one in runbook.thresholds), metric)
    broken = [
        one for one in runbook.problems if one.about == "threshold" and canonical(one.subject) == canonical(metric)
    ]
    return threshold(runbook, metric) if rows or broken else None


def percent_row(runbook: Runbook, metric: str) -> Threshold | None:
    """Return the row for a metric where it gives a part of the whole. Raises RunbookError as `known_row` does."""
    row = known_row(runbook, metric)
    return row if row is not None and row.warning.unit == "%" else None


def judged(row: Threshold, value: float) -> Outcome:
    """Return what a value, in the unit of the row, is held to be."""
    warning, critical = row.warning, row.critical
    measured = measure(row.metric, value, warning.unit, warning.value, critical.value, "", warning.operator)
    return measured.outcome


def boundaries(row: Threshold) -> Iterator[tuple[float, Outcome]]:
    """Yield the figures at and just beyond each level of a row, with what they must be."""
    step = (1 if row.warning.operator[0] == ">" else -1) * max(abs(row.warning.value), 1) / 1000
    inclusive = row.warning.operator.endswith("=")
    levels = [(row.warning.value, Outcome.OK, Outcome.WARNING), (row.critical.value, Outcome.WARNING, Outcome.CRITICAL)]
    if row.warning.value == row.critical.value:
        levels = [(row.critical.value, Outcome.OK, Outcome.CRITICAL)]
    for limit, before, beyond in levels:
        yield (limit - step, before) if inclusive else (limit, before)
        yield (limit, beyond) if inclusive else (limit + step, beyond)


def faults_of(row: Threshold, *, with_action: bool) -> Iterator[str]:
    """Say what makes a row that can be read one that can't be acted on, each in a sentence.

    `with_action`: other rows of the table say what to do.
    """
    signs = {one.operator for one in (row.warning, row.critical)}
    if row.warning.value == row.critical.value:
        yield f"{row.metric} is critical at once: its warning level is no other than {row.critical.value:g}"
    if len(signs) > 1:
        yield f"{row.metric} has {row.warning.operator} as its warning and {row.critical.operator} as its critical"
    for name, one in (("warning", row.warning), ("critical", row.critical)):
        if one.unit == "%" and one.operator == ">" and one.value >= _WHOLE:
            yield f"{row.metric} can never be over its {name} level of {one.value:g} %"
    seconds = row.warning.value / {"ms": 1000, "s": 1}.get(row.warning.unit, math.inf)
    if seconds > _NOBODY_WAITS:
        yield f"{row.metric} warns from {seconds:g} s on: nobody waits so long for an answer, is the unit right?"
    if with_action and not any(char.isalpha() for char in row.action):
        yield f"{row.metric} has no action: nobody is told what to do"


def judge_row(
    evidence: Record,
    runbook: Runbook,
    row: Threshold,
    values: Mapping[str, float],
    where: str = "",
    because: str = "",
    *,
    covers: bool = True,
) -> None:
    """Hold a figure, known in several units, against a row in whichever of them that is.

    `because` is added to a finding. Not `covers`: the row is about something else too. Raises
    RunbookError where the row has another unit.
    """
    unit = row.warning.unit
    if unit not in values:
        units = " or ".join(repr(one) if one else "no unit" for one in values)
        found = f"{row.warning.value:g} {unit}".strip()
        msg = f"{runbook.path}:{row.place.line}: expected limits of {row.metric} in {units}, found {found}"
        raise RunbookError(msg)
    if row.warning.operator[0] == "<":
        sign = f"{row.warning.operator} {row.warning.value:g} {unit}".strip()
        msg = f"{runbook.path}:{row.place.line}: expected limits of {row.metric} from above (>), found {sign}"
        raise RunbookError(msg)
    evidence.threshold(row, values[unit], where, because, covers=covers)
