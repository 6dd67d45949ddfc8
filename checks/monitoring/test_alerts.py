"""Section "Alertas e Thresholds": a replica is pushed over each line, and the daily checks say so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from checks.monitoring import test_thresholds as daily
from rehearsal.drills.load import IN_CONTAINERS, burning, filled, held_up, helped, holding
from rehearsal.drills.monitors import edges
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError, Resources
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.plugin import Record
from rehearsal.plugin.alerts import expect_level
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, threshold

pytestmark = [pytest.mark.drill, pytest.mark.section("Alertas e Thresholds")]
SECONDS = 0.5
"""Over which the use of CPU is measured."""
SERVICE = "worker"


def test_full_disk_is_alerted(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A disk that fills is a warning and then critical, with the table's action, because it says so itself too late."""
    row, folder = threshold(runbook, "Disco"), "." if replica.kind == "processes" else IN_CONTAINERS
    for edge in edges(row):
        with filled(replica, folder, edge.above, timeout=gateway.replica.command_timeout_seconds):
            seen = evidence.apart()
            daily.test_disk(runbook, replica.resources(interval=0.1), seen)
        expect_level(evidence, seen, row, edge.level)


def test_full_memory_is_alerted(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Memory that fills is a warning and then critical, and the finding names who has it."""
    row, given = threshold(runbook, "Memória"), gateway.replica.memory_mib << 20
    for edge in edges(row):
        missing = (edge.above - replica.resources(interval=0.1).memory_percent) / 100
        with holding(replica, SERVICE, int(given * missing), timeout=gateway.replica.command_timeout_seconds):
            seen = _seen(partial(daily.test_memory, runbook), replica, evidence, edge.limit, gateway)
        expect_level(evidence, seen, row, edge.level, culprit=SERVICE)


def test_busy_processors_are_alerted(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Processors that are busy are a warning and then critical, and the finding names who keeps them so."""
    row = threshold(runbook, "CPU")
    processes = 2 * max(1, round(gateway.replica.cpus))
    with burning(replica, SERVICE, processes, timeout=gateway.replica.command_timeout_seconds):
        for edge in edges(row):
            # How much of a busy machine the load gets is the machine's affair: where /proc can be made exact, it is.
            exact = helped(replica, edge.above)
            if exact or edge.level == "critical":
                seen = _seen(partial(daily.test_cpu, runbook), replica, evidence, edge.limit, gateway)
                if not exact and all(one.value <= edge.limit for one in seen.measurements):
                    msg = f"the machine has other work: the load got no {edge.limit:g} % of the processors"
                    raise NotOnThisTargetError(msg)
                expect_level(evidence, seen, row, edge.level, culprit=SERVICE)


def test_slow_api_is_alerted(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """An API that answers late is a warning and then critical, before its callers give up."""
    row = threshold(runbook, "Latência API")
    once = gateway.model_copy(update={"http": gateway.http.model_copy(update={"latency_requests": 1})})
    unit = {"ms": 1000, "s": 1}[row.warning.unit]
    between = (row.warning.value + row.critical.value) / 2
    for value, level in ((between, "warning"), (row.critical.value * 1.2, "critical")):
        seen = evidence.apart()
        with held_up(replica, "api", value / unit):
            daily.test_api_latency(runbook, once, replica, seen)
        expect_level(evidence, seen, row, level)


def _seen(
    check: Callable[[Resources, Record], None], replica: Replica, evidence: Record, limit: float, gateway: Gateway
) -> Record:
    """Ask a daily check until what it measures is over a limit, or for as long as a service may take to start."""

    def look() -> Record:
        seen = evidence.apart()
        check(replica.resources(interval=SECONDS), seen)
        last.append(seen)
        return seen

    last: list[Record] = []
    try:
        return wait_until(
            look,
            # Load that has only just begun is not yet the most.
            lambda seen: seen.measurements[0].value > limit and any(SERVICE in one.message for one in seen.findings),
            what=f"more than {limit:g} %, most of it in {SERVICE}",
            timeout=gateway.replica.ready_timeout_seconds,
        )
    except DeadlineError:
        return last[-1]
