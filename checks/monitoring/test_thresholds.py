"""Section "Alertas e Thresholds": each row of the table against what is measured."""

from __future__ import annotations

import pytest

from rehearsal.gateway.culprits import largest
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http, percentile
from rehearsal.gateway.target import Resources, Target
from rehearsal.plugin import Record
from rehearsal.plugin.rows import boundaries, faults_of, judged
from rehearsal.runbook import Runbook, RunbookError, threshold
from rehearsal.runbook.model import Threshold
from rehearsal.runbook.resembling import those_that_mean

pytestmark = [pytest.mark.daily, pytest.mark.section("Alertas e Thresholds")]
_SCALES = {"ms": 1000, "s": 1}
UNITS = {"CPU": ("%",), "Memória": ("%",), "Disco": ("%",), "Latência API": tuple(_SCALES)}
"""What is measured, and the units in which it can be held against a limit."""
MEASURED_WHERE_WANTED = ("PostgreSQL Connections", "Redis Memory", "Waiting Mails", "Queue Age", "Failed Mails")
"""By the checks of connectivity and of the queue, where the table has a row for them."""


def test_cpu(runbook: Runbook, resources: Resources, evidence: Record) -> None:
    """The CPU has room left, because a starved worker lets the queue grow."""
    most = largest(resources.services, "cpu_percent")
    evidence.threshold(_row(runbook, "CPU", "%"), resources.cpu_percent, because=most)


def test_memory(runbook: Runbook, resources: Resources, evidence: Record) -> None:
    """Memory has room left, because the kernel ends what takes too much."""
    most = largest(resources.services, "memory_percent")
    evidence.threshold(_row(runbook, "Memória", "%"), resources.memory_percent, because=most)


@pytest.mark.parametrize("metric", UNITS)
def test_levels_follow_each_other(metric: str, runbook: Runbook, evidence: Record) -> None:
    """A row warns before it is critical, exactly at its figures, and says what to do, because alerts are read tired."""
    row = _row(runbook, metric, *UNITS[metric])
    for fault in faults_of(row, with_action=any(one.action for one in runbook.thresholds)):
        evidence.warning(fault, source=evidence.source(row.place))
    for value, expected in boundaries(row):
        seen = judged(row, value)
        if seen is not expected:
            shown = f"{metric} at {value:g} {row.warning.unit}"
            evidence.critical(f"expected {shown} to be {expected}, found {seen}", source=evidence.source(row.place))
    evidence.covers(row.place.line)
    evidence.saw(f"{row.metric}: " + ", ".join(f"{value:g} is {expected}" for value, expected in boundaries(row)))


def test_each_row_is_measured(runbook: Runbook, evidence: Record) -> None:
    """Each row of the table is one that is measured, because a promise that nobody looks at is none."""
    names = [row.metric for row in runbook.thresholds]
    measured = {name for known in (*UNITS, *MEASURED_WHERE_WANTED) for name in those_that_mean(names, known)}
    for row in runbook.thresholds:
        if row.metric in measured:
            evidence.saw(f"{row.metric} is measured")
        else:
            evidence.unknown(
                f"the row {row.metric} is not verified: nothing measures it", source=evidence.source(row.place)
            )
    for problem in (one for one in runbook.problems if one.about == "threshold"):
        evidence.unknown(f"{problem.subject or 'a row'}: {problem.message}", source=evidence.source(problem.place))


def test_disk(runbook: Runbook, resources: Resources, evidence: Record) -> None:
    """Each disk has room for bytes and for files, because PostgreSQL and Redis stop on a full one."""
    row = _row(runbook, "Disco", "%")
    for disk in resources.disks:
        evidence.threshold(row, disk.used_percent, disk.mount)
        evidence.threshold(row, disk.inodes_percent, f"{disk.mount} (inodes)")


def test_api_latency(runbook: Runbook, gateway: Gateway, target: Target, evidence: Record) -> None:
    """The API answers in time, because a slow gateway is lost mail to those who give up waiting."""
    row = _row(runbook, "Latência API", *_SCALES)
    with Http(target, gateway.http) as http:
        seconds = http.latencies(gateway.http.readiness, gateway.http.latency_requests)
    percent = gateway.http.latency_percentile
    value = percentile(seconds, percent) * _SCALES[row.warning.unit]
    evidence.threshold(row, value, f"P{percent:g} of {len(seconds)} requests")


def _row(runbook: Runbook, metric: str, *units: str) -> Threshold:
    row = threshold(runbook, metric)
    if row.warning.operator[0] == "<":
        found = f"{row.warning.operator} {row.warning.value:g} {row.warning.unit}".strip()
        msg = f"{runbook.path}:{row.place.line}: expected limits of {metric} from above (>), found {found}"
        raise RunbookError(msg)
    if row.warning.unit not in units:
        found = f"{row.warning.value:g} {row.warning.unit}".strip()
        msg = f"{runbook.path}:{row.place.line}: expected limits of {metric} in {' or '.join(units)}, found {found}"
        raise RunbookError(msg)
    return row
