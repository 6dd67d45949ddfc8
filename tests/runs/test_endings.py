"""A run that is ended in the middle of a drill: its report is kept, and nothing of its replicas."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.runs.running import SECONDS, Place, Run, check_told, wait_for

ARGUMENTS = ("checks/monitoring/test_thresholds.py::test_cpu", "checks/backups")
LEAST = 10
"""Processes of one replica."""


def below(process: subprocess.Popen[str]) -> set[psutil.Process]:
    """Return everything that a run has started and that still runs."""
    return set(psutil.Process(process.pid).children(recursive=True))


def still_running(made: set[psutil.Process]) -> list[psutil.Process]:
    """Return those that outlived the run."""
    return [one for one in made if _runs(one)]


def _runs(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


def journal_of(place: Place) -> list[dict[str, object]]:
    """Return the results that the run has noted so far."""
    files = list(place.reports.glob("*/results.jsonl"))
    lines = files[0].read_text().splitlines()[1:] if files else []
    return [json.loads(line) for line in lines]


def end_in_a_drill(place: Place, send: Callable[[subprocess.Popen[str]], None], *more: str) -> Run:
    """Run one check and the drills, end the run when the first drill has its replica, and see that nothing stays."""
    with place.rehearsing(*ARGUMENTS, *more) as process:
        wait_for(lambda: bool(journal_of(place)), SECONDS, "the first check to end")
        checked = below(process)
        wait_for(lambda: len(below(process) - checked) >= LEAST, SECONDS, "the replica of a drill")
        made = checked | below(process)
        assert len(made) >= 2 * LEAST
        send(process)
        text, _ = process.communicate(timeout=SECONDS)
    wait_for(lambda: not still_running(made), 2, f"the end of {still_running(made)}")
    assert list(place.temporary.iterdir()) == []
    return Run(process.returncode, text, place.reports)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_interrupted_run_keeps_its_report(place: Place, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end a run in order: it says how far it came, and the report holds what it had seen."""
    run = end_in_a_drill(place, lambda process: process.send_signal(number))
    check_told(run, "Interrupted: 1 of ", "1 ok — and yet no success")
    assert run.status == 2
    assert {name: one["outcome"] for name, one in run.results.items()} == {"test_cpu": "ok"}
    assert run.report["run"]["exit_status"] == 2
    assert {"report.html", "junit.xml", "SHA256SUMS"} <= {path.name for path in run.latest.iterdir()}


def test_second_ctrl_c_does_not_take_the_report(place: Place) -> None:
    """Somebody who presses Ctrl-C three times gets the same report as somebody who presses it once."""

    def send(process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGINT)
        wait_for(lambda: bool(list(place.reports.glob("*/results.json"))), SECONDS, "results.json")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)

    run = end_in_a_drill(place, send)
    check_told(run, "Interrupted: 1 of ")
    assert run.status == 2
    assert (run.latest / "SHA256SUMS").is_file()


def test_killed_run_leaves_its_journal(place: Place) -> None:
    """SIGKILL leaves what was noted until then, and the kernel ends the replicas."""
    run = end_in_a_drill(place, lambda process: process.kill())
    assert run.status == -signal.SIGKILL
    noted = journal_of(place)
    assert [one["outcome"] for one in noted] == ["ok"]
    assert not Path(run.reports, "latest").exists()


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["ctrl-c", "sigterm", "sigkill"]
)
def test_run_with_workers_leaves_nothing(place: Place, number: signal.Signals) -> None:
    """The workers of a run that is ended, and their replicas, end with it; its results until then are kept."""
    run = end_in_a_drill(place, lambda process: process.send_signal(number), "-n", "1")
    assert run.status == (2 if number != signal.SIGKILL else -signal.SIGKILL)
    kept = journal_of(place) if number == signal.SIGKILL else run.report["results"]
    assert [one["outcome"] for one in kept] == ["ok"]


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["ctrl-c", "sigterm", "sigkill"]
)
def test_daily_run_ended_while_its_replica_starts_leaves_nothing(place: Place, number: signal.Signals) -> None:
    """The replica of a daily run starts while its checks are read: ended then, the run leaves nothing of it."""
    with place.rehearsing("-m", "daily") as process:
        wait_for(lambda: len(below(process)) >= 2, SECONDS, "the first processes of a replica")
        made = below(process)
        process.send_signal(number)
        text, _ = process.communicate(timeout=20)
    wait_for(lambda: not still_running(made), 2, f"the end of {still_running(made)}")
    assert process.returncode == (2 if number != signal.SIGKILL else -signal.SIGKILL), text
    assert list(place.temporary.iterdir()) == []


def test_target_of_a_daily_run_that_asks_for_none_is_closed(place: Place) -> None:
    """A replica that was begun for a run which turns out to have no check ends with it."""
    with place.rehearsing("-m", "daily", "checks/document") as process:
        wait_for(lambda: len(below(process)) >= 2, SECONDS, "the first processes of a replica")
        made = below(process)
        text, _ = process.communicate(timeout=60)
    assert process.returncode == 1, text
    assert "selects no check" in text
    wait_for(lambda: not still_running(made), 2, f"the end of {still_running(made)}")
    assert list(place.temporary.iterdir()) == []
