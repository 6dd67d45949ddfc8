"""Sabotage of "Status dos Serviços"."""

import shutil
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from checks.monitoring import test_services as checked
from rehearsal.gateway.description import SERVICES
from rehearsal.gateway.load import load_gateway
from rehearsal.gateway.target import ServiceState
from rehearsal.gateway.wait import wait_until
from rehearsal.replica import open_replica
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from rehearsal.runbook import read_runbook
from tests.checks.conftest import REFERENCE
from tests.checks.judge import Judge


def test_healthy_services_are_ok(judge: Judge) -> None:
    """On a healthy replica each service is up and none speaks of errors."""
    outcomes = {service: judge(checked.test_service_up, service=service).outcome for service in SERVICES}
    assert outcomes == dict.fromkeys(SERVICES, Outcome.OK)
    logs = {service: judge(checked.test_log_free_of_errors, service=service).message for service in SERVICES}
    assert {judge(checked.test_log_free_of_errors, service=service).outcome for service in SERVICES} == {Outcome.OK}, (
        logs
    )


@pytest.mark.parametrize("service", SERVICES)
def test_stopped_service_is_seen(service: str, replica: Replica, judge: Judge) -> None:
    """A service that was stopped is critical, with the runbook's steps for it, and its neighbours are not accused."""
    replica.stop(service)
    seen = judge(checked.test_service_up, service=service)
    assert seen.outcome is Outcome.CRITICAL
    assert "RUNBOOK.md" in seen.action
    others = [other for other in SERVICES if other != service]
    assert {judge(checked.test_service_up, service=other).outcome for other in others} == {Outcome.OK}


def test_frozen_service_is_seen(replica: Replica, judge: Judge) -> None:
    """A service that is frozen is not up, though its process is there."""
    replica.pause("worker")
    assert judge(checked.test_service_up, service="worker").outcome is Outcome.CRITICAL
    replica.resume("worker")
    assert judge(checked.test_service_up, service="worker").outcome is Outcome.OK


def test_restart_loop_is_seen(replica: Replica, judge: Judge) -> None:
    """A service that keeps crashing is critical, though it is up whenever somebody looks."""
    for crash in (1, 2):
        replica.kill("worker")
        wait_until(partial(_restarted, replica, crash), what=f"restart {crash} of the worker", timeout=30)
    assert judge(checked.test_service_up, service="worker").outcome is Outcome.CRITICAL


def _restarted(replica: Replica, times: int) -> bool:
    worker = next(state for state in replica.services() if state.name == "worker")
    return worker.running and worker.restarts >= times


def test_errors_in_a_log_are_seen(replica: Replica, judge: Judge) -> None:
    """A failed statement in PostgreSQL's log is a warning that quotes it."""
    with replica.postgres() as connection, pytest.raises(Exception, match="no_such_table"):
        connection.execute("SELECT * FROM no_such_table")
    seen = judge(checked.test_log_free_of_errors, service="postgres")
    assert seen.outcome is Outcome.WARNING
    assert "no_such_table" in seen.message


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("error_log /dev/null crit;", Outcome.WARNING),
        ("error_log stderr emerg;", Outcome.WARNING),
        ("# error_log /dev/null;", Outcome.OK),
        ("error_log stderr;", Outcome.OK),
        ("error_log stderr error; http { error_log /dev/null; }", Outcome.OK),
    ],
)
def test_errors_that_nginx_writes_nowhere_are_told(said: str, outcome: Outcome, judge: Judge, tmp_path: Path) -> None:
    """A log that can hold no error is free of them without a word of how nginx is."""
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx" / "nginx.conf").write_text(f"{said}\n")
    gateway = judge.gateway.model_copy(update={"directory": tmp_path})
    seen = judge(checked.test_log_free_of_errors, service="nginx", gateway=gateway)
    assert (seen.outcome, "writes its errors nowhere" in seen.message) == (outcome, outcome is Outcome.WARNING)


def test_section_without_commands_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """A runbook that lost the section leaves the check unknown: how many lines to look at is not known."""
    changed = judge.reading(tmp_path, ("Status dos Serviços", "Estado"))
    assert changed(checked.test_log_free_of_errors, service="api").outcome is Outcome.UNKNOWN


def test_other_name_on_a_live_host_is_no_outage(judge: Judge) -> None:
    """A service that may be there under another name is unknown, and one that is said to be elsewhere is not judged."""
    found = ServiceState("worker", running=False, healthy=None, restarts=0, detail="sender runs there", certain=False)
    host = SimpleNamespace(is_replica=False, services=lambda: [found])
    seen = judge(checked.test_service_up, service="worker", target=host)
    assert (seen.outcome, "sender runs there" in seen.message) == (Outcome.UNKNOWN, True)
    live = judge.gateway.live.model_copy(update={"services": {"worker": ""}})
    elsewhere = judge.gateway.model_copy(update={"live": live})
    for check in (checked.test_service_up, checked.test_log_free_of_errors):
        seen = judge(check, service="worker", target=host, gateway=elsewhere)
        assert seen.outcome is Outcome.NOT_APPLICABLE, seen.message


class _Live:
    """A host whose services are up, with restarts that it counts."""

    is_replica = False

    def __init__(self, restarts: int) -> None:
        self._restarts = restarts

    def services(self) -> list[ServiceState]:
        """Return the state of the worker."""
        return [ServiceState("worker", running=True, healthy=None, restarts=self._restarts, detail="Up 3 months")]


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        (37, 37, Outcome.OK),
        (37, 39, Outcome.WARNING),
        (37, 1, Outcome.WARNING),
        (37, 0, Outcome.OK),
        (None, 37, Outcome.WARNING),
    ],
    ids=["as before", "more", "made anew and restarted", "made anew", "never counted"],
)
def test_restarts_since_the_last_run_are_told(before: float | None, now: int, outcome: Outcome, judge: Judge) -> None:
    """Restarts of months ago are told once; those since the last run each time."""
    seen = judge(checked.test_service_up, service="worker", target=_Live(now), former=lambda _name: before)
    assert seen.outcome is outcome, seen.message


def test_service_that_ends_at_once_is_seen(tmp_path: Path) -> None:
    """A worker whose command ends at once is critical, whenever somebody looks."""
    directory = tmp_path / "gateway"
    shutil.copytree(REFERENCE, directory, ignore=shutil.ignore_patterns("backups", "redis-*", "logs"))
    (directory / "app" / "worker.py").write_text("raise SystemExit(1)\n")
    gateway = load_gateway(directory)
    with open_replica(gateway, whole=False) as broken:
        judge = Judge(broken, gateway, read_runbook(directory / gateway.runbook))
        assert judge(checked.test_service_up, service="worker").outcome is Outcome.CRITICAL
