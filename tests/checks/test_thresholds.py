"""Sabotage of "Alertas e Thresholds"."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from checks.monitoring import test_thresholds as checked
from rehearsal.gateway.target import DiskUsage, Resources, ServiceUsage
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

IDLE = Resources(1.0, 1.0, (DiskUsage("/", 1.0, 1.0, 1 << 30),), ())


def _with(metric: str, value: float) -> Resources:
    disk = IDLE.disks[0]
    return {
        "cpu": replace(IDLE, cpu_percent=value),
        "memory": replace(IDLE, memory_percent=value),
        "disk": replace(IDLE, disks=(disk, replace(disk, mount="/data", used_percent=value))),
        "inodes": replace(IDLE, disks=(disk, replace(disk, mount="/data", inodes_percent=value))),
    }[metric]


@pytest.mark.parametrize(
    ("check", "metric", "warning", "critical"),
    [
        (checked.test_cpu, "cpu", 80, 90),
        (checked.test_memory, "memory", 85, 95),
        (checked.test_disk, "disk", 80, 90),
        (checked.test_disk, "inodes", 80, 90),
    ],
    ids=["cpu", "memory", "disk", "inodes"],
)
def test_levels_change_at_their_exact_boundary(
    check: object, metric: str, warning: float, critical: float, judge: Judge
) -> None:
    """At the limit it is ok, a tenth over it the level changes, and the table's action is named."""
    assert callable(check)
    for value, expected in [
        (warning, Outcome.OK),
        (warning + 0.1, Outcome.WARNING),
        (critical, Outcome.WARNING),
        (critical + 0.1, Outcome.CRITICAL),
    ]:
        seen = judge(check, resources=_with(metric, value))
        assert seen.outcome is expected
        assert bool(seen.action) == (expected is not Outcome.OK)


def test_change_of_the_document_changes_the_check(judge: Judge, tmp_path: Path) -> None:
    """The limits are the document's: another figure there is another outcome here."""
    changed = judge.reading(tmp_path, ("| Disco | > 80% |", "| Disco | > 50% |"))
    assert judge(checked.test_disk, resources=_with("disk", 60)).outcome is Outcome.OK
    assert changed(checked.test_disk, resources=_with("disk", 60)).outcome is Outcome.WARNING


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("| Disco |", "| Discoteca |", id="missing"),
        pytest.param("| Disco | > 80% | > 90% |", "| Disco | muito | > 90% |", id="nonsense"),
        pytest.param("| Disco | > 80% | > 90% |", "| Disco | > 80% | > 70% |", id="critical below warning"),
        pytest.param("| Memória |", "| Disco |", id="doubled"),
    ],
)
def test_row_that_can_not_be_read_is_unknown(judge: Judge, tmp_path: Path, old: str, new: str) -> None:
    """A row that is missing, doubled or nonsense leaves its check unknown, naming the document."""
    seen = judge.reading(tmp_path, (old, new))(checked.test_disk, resources=IDLE)
    assert seen.outcome is Outcome.UNKNOWN
    assert "RUNBOOK.md" in seen.message


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        pytest.param(checked.test_api_latency, "> 500ms | > 2s", "> 500 | > 2000", id="none"),
        pytest.param(checked.test_api_latency, "> 500ms | > 2s", "> 50% | > 80%", id="percent of time"),
        pytest.param(checked.test_cpu, "| CPU | > 80% | > 90%", "| CPU | > 2s | > 5s", id="seconds of CPU"),
    ],
)
def test_unit_that_does_not_fit_is_unknown(
    check: Callable[..., None], old: str, new: str, judge: Judge, tmp_path: Path
) -> None:
    """A limit in a unit that its metric has not leaves the check unknown, with the line, and breaks nothing."""
    seen = judge.reading(tmp_path, (old, new))(check)
    assert seen.outcome is Outcome.UNKNOWN
    assert "RUNBOOK.md:" in seen.message
    assert "the check itself broke" not in seen.message


def test_full_disk_is_seen(replica: Replica, judge: Judge) -> None:
    """A disk that is really filled changes the level, and the cleared one changes it back."""
    assert judge(checked.test_disk).outcome is Outcome.OK
    filled = replica.run_script(
        "size=$(df --output=avail -B1 . | tail -1); head -c $((size * 93 / 100)) /dev/zero > ballast", timeout=120
    )
    assert filled.exit_code == 0, filled.stderr
    assert judge(checked.test_disk).outcome is Outcome.CRITICAL
    replica.run_script("rm ballast", timeout=30)
    assert judge(checked.test_disk).outcome is Outcome.OK


def test_busy_replica_is_seen(replica: Replica, judge: Judge) -> None:
    """CPU that is really burnt in the replica is seen there."""
    idle = judge(checked.test_cpu).record.measurements[0].value
    burner = "for n in 1 2 3 4; do timeout 90 sh -c 'while :; do :; done' & done"
    replica.run_script(f"({burner}) > /dev/null 2>&1 &", timeout=30)
    # Others may use this machine, too: what the burners get is little then, and comes and goes.
    wait_until(
        lambda: judge(checked.test_cpu).record.measurements[0].value,
        lambda busy: busy > idle + 15,
        what=f"a busy CPU, from {idle:.1f} % on",
        timeout=60,
    )


def test_slow_api_is_seen(replica: Replica, judge: Judge) -> None:
    """Answers that wait for a database which is held up are over the table's limit, and its action is named."""
    replica.pause("postgres")
    seen = judge(checked.test_api_latency)
    replica.resume("postgres")
    assert seen.outcome in (Outcome.WARNING, Outcome.CRITICAL)
    assert seen.record.measurements[0].value > 500
    assert seen.action


@pytest.mark.parametrize("metric", checked.UNITS)
def test_rows_of_the_reference_follow_each_other(metric: str, judge: Judge) -> None:
    """Each row of the reference is one that can be acted on."""
    seen = judge(checked.test_levels_follow_each_other, metric=metric)
    assert seen.outcome is Outcome.OK, seen.message


DISK = "| Disco | > 80% | > 90% | Limpeza de logs |"


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        pytest.param("| Disco | > 80% | > 90% |  |", Outcome.WARNING, id="no action"),
        pytest.param("| Disco | > 80% | > 80% | Limpeza |", Outcome.WARNING, id="no warning"),
        pytest.param("| Disco | > 80% | > 100% | Limpeza |", Outcome.WARNING, id="never critical"),
        pytest.param("| Disco | < 80% | < 70% | Limpeza |", Outcome.UNKNOWN, id="the wrong side"),
        pytest.param("| Disco | > 90% | > 80% | Limpeza |", Outcome.UNKNOWN, id="the wrong way"),
        pytest.param("| Disco | >= 80% | >= 90% | Limpeza |", Outcome.OK, id="at the figure"),
    ],
)
def test_row_that_can_not_be_acted_on_is_seen(row: str, outcome: Outcome, judge: Judge, tmp_path: Path) -> None:
    """A row whose levels do not follow each other, or that says nothing to do, is a finding."""
    changed = judge.reading(tmp_path, (DISK, row))
    assert changed(checked.test_levels_follow_each_other, metric="Disco").outcome is outcome
    assert changed(checked.test_disk, resources=IDLE).outcome is (
        Outcome.UNKNOWN if outcome is Outcome.UNKNOWN else Outcome.OK
    )


@pytest.mark.parametrize(
    ("limits", "outcome"),
    [("> 500s | > 2000s", Outcome.WARNING), ("> 90000ms | > 2000s", Outcome.WARNING), ("> 5s | > 30s", Outcome.OK)],
)
def test_latency_that_nobody_waits_for_is_told(limits: str, outcome: Outcome, judge: Judge, tmp_path: Path) -> None:
    """A limit in the wrong unit is never crossed, and a warning says so."""
    changed = judge.reading(tmp_path, ("> 500ms | > 2s", limits))
    seen = changed(checked.test_levels_follow_each_other, metric="Latência API")
    assert seen.outcome is outcome, seen.message


def test_row_that_nothing_measures_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """A row that no check knows is unknown, with its line, and the reference has none."""
    assert judge(checked.test_each_row_is_measured).outcome is Outcome.OK
    changed = judge.reading(tmp_path, (DISK, f"{DISK}\n| Temperatura | > 1000 | > 5000 | Escalar |"))
    seen = changed(checked.test_each_row_is_measured)
    assert seen.outcome is Outcome.UNKNOWN
    assert "Temperatura" in seen.message
    assert "RUNBOOK.md:" in seen.record.findings[0].source


def test_finding_names_the_service_with_the_most(judge: Judge) -> None:
    """What is over the line is followed by who is behind it."""
    services = (ServiceUsage("api", 5, 90, 900), ServiceUsage("worker", 91, 6, 60))
    cpu = judge(checked.test_cpu, resources=replace(IDLE, cpu_percent=96, services=services))
    memory = judge(checked.test_memory, resources=replace(IDLE, memory_percent=96, services=services))
    assert "most of it is used by worker" in cpu.message
    assert "most of it is used by api" in memory.message
