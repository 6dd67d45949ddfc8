"""Section "Alertas e Thresholds": each row of the table against what is measured."""

from __future__ import annotations

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http, percentile
from rehearsal.gateway.target import Resources, Target
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook, RunbookError, threshold
from rehearsal.runbook.model import Threshold

pytestmark = [pytest.mark.daily, pytest.mark.section("Alertas e Thresholds")]
_SCALES = {"ms": 1000, "s": 1}


def test_cpu(runbook: Runbook, resources: Resources, evidence: Record) -> None:
    """The CPU has room left, because a starved worker lets the queue grow."""
    evidence.threshold(_row(runbook, "CPU", "%"), resources.cpu_percent)


def test_memory(runbook: Runbook, resources: Resources, evidence: Record) -> None:
    """Memory has room left, because the kernel ends what takes too much."""
    evidence.threshold(_row(runbook, "Memória", "%"), resources.memory_percent)


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
    if row.warning.unit not in units:
        found = f"{row.warning.value:g} {row.warning.unit}".strip()
        msg = f"{runbook.path}:{row.place.line}: expected limits of {metric} in {' or '.join(units)}, found {found}"
        raise RunbookError(msg)
    return row
