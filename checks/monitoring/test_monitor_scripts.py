"""Section "Monitoramento de Recursos": the scripts see what the table is about, and nothing else."""

from __future__ import annotations

import re
from functools import partial

import pytest

from rehearsal.drills.dead_database import monitors_without_database
from rehearsal.drills.load import IN_CONTAINERS, empty, fill
from rehearsal.drills.monitors import Monitor, listen, says_the_same
from rehearsal.drills.named_logs import VERDICTS
from rehearsal.drills.other_disk import looks_at_logs
from rehearsal.drills.redis_monitor import RedisMonitor
from rehearsal.drills.scripts import log_files, monitor_of_host, monitor_of_redis, scripts_in
from rehearsal.drills.statuses import promised_status, status_of, wrong_statuses
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin import Record
from rehearsal.plugin.alarm import verify_alarm
from rehearsal.plugin.monitors import judge_monitors, judge_other_disk
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, threshold

HEADING = "Monitoramento de Recursos"
LISTED = "Scripts de Monitoramento"
IDLE = 5.0
"""Percent of whatever is not asked about."""
SPEAKS_OF_THE_API = re.compile(r"\bAPI\b|lat[eê]ncia|latency|\bHTTPS?\b", re.IGNORECASE)
ENDS = (9.0, 100.0)
"""Percent: who compares figures as texts takes the one for high and the other for low."""


@pytest.mark.drill
@pytest.mark.section(HEADING)
@pytest.mark.parametrize("metric", ["CPU", "Memória", "Disco"])
def test_monitor_agrees_with_table(
    metric: str, replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """The monitor script warns where the table does, because two documents of one limit are none at three a.m."""
    row, limit = threshold(runbook, metric), gateway.replica.command_timeout_seconds
    folder = "." if replica.kind == "processes" else IN_CONTAINERS
    blind = "" if replica.kind == "processes" else "a script may look elsewhere than at what containers can show it"

    def bring_to(percent: float) -> None:
        figures = {"CPU": IDLE, "Memória": IDLE, metric: percent}
        if metric == "Disco":
            fill(replica, folder, percent, timeout=limit)
        if metric != "Disco" or replica.kind == "processes":
            replica.pretend(figures["CPU"], figures["Memória"])

    heard = []
    for command in scripts_in(runbook, HEADING):
        monitor = Monitor(replica, command, log_files(runbook), limit)
        seen = listen(monitor, row, bring_to, () if metric == "Disco" or replica.kind != "processes" else ENDS)
        heard.append((command, seen))
        if metric == "Disco" and looks_at_logs(replica, monitor, row, bring_to, seen):
            judge_other_disk(row, command, evidence)
        empty(replica, folder, timeout=limit)
    judge_monitors(heard, row, evidence, blind=blind)


@pytest.mark.drill
@pytest.mark.section(LISTED)
def test_monitor_status_is_as_promised(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """The monitor's exit status tells the level where the document says so, because that is what alarms hang on."""
    promise = promised_status(runbook, LISTED)
    row = threshold(runbook, "Memória")
    command = promise.asked(monitor_of_host(runbook, HEADING).text)
    run = partial(replica.run_script, command, timeout=gateway.replica.command_timeout_seconds)
    for wrong in wrong_statuses(promise, row, partial(replica.pretend, IDLE), run):
        evidence.critical(wrong, source=f"{runbook.path.name}:{promise.line}")
    evidence.saw(f"`{command}` was asked below and above each limit of {row.metric}")


@pytest.mark.drill
@pytest.mark.section(LISTED)
def test_alarm_is_heard(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """What the monitor says when cron runs it over a limit reaches a person, or nobody looks until mails stop."""
    verify_alarm(replica, gateway, runbook, evidence, threshold(runbook, "Memória"), HEADING)


@pytest.mark.drill
@pytest.mark.section(HEADING)
def test_monitor_sees_a_dead_api(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A monitor that measures the API says when there is none, because nginx' own 502 comes fast and calms people."""
    command = monitor_of_host(runbook, HEADING)
    monitor = Monitor(replica, command, log_files(runbook), gateway.replica.command_timeout_seconds)
    alive = monitor.say()
    if not SPEAKS_OF_THE_API.search(alive.text):
        msg = f"`{command.text}` says nothing of the API"
        raise NotOnThisTargetError(msg)
    replica.stop("api")
    dead = monitor.say()
    for said in (alive, dead):
        evidence.ran(said.run)
    if says_the_same(alive, dead):
        evidence.critical(
            f"`{command.text}` says the same of an API that is stopped as of one that runs: it takes nginx' page of an"
            " error for an answer",
            source=f"{runbook.path.name}:{command.line}",
        )
    else:
        evidence.saw(f"`{command.text}` says something else once the API is stopped")


@pytest.mark.drill
@pytest.mark.section(LISTED)
def test_monitors_tell_of_a_dead_database(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """A monitor that speaks of PostgreSQL says when it is down, and by its status where one is promised."""
    promise = status_of(runbook, LISTED)
    seen = monitors_without_database(replica, gateway, runbook, promise)
    if not seen:
        msg = "no script of the list, other than that of the backups, speaks of PostgreSQL"
        raise NotOnThisTargetError(msg)
    for one in seen:
        evidence.ran(one.dead.run)
        source = f"{runbook.path.name}:{one.dead.run.line}"
        said = f"`{one.dead.run.command}`, which speaks of PostgreSQL,"
        if one.alive.run.exit_code not in (0, *VERDICTS):
            evidence.unknown(f"{said} could not be asked while all was well: it {one.alive.run.ending}", source=source)
        elif says_the_same(one.alive, one.dead):
            evidence.warning(f"{said} says the same when it is stopped", source=source)
        elif promise and one.dead.run.exit_code == 0:
            status = f"the document promises {promise.warning} or {promise.critical} (line {promise.line})"
            evidence.critical(f"{said} exits 0 when it is stopped, and {status}", source=source)
        else:
            evidence.saw(f"{said} tells when it is stopped")


@pytest.mark.drill
@pytest.mark.section(LISTED)
def test_redis_monitor_shows_what_is_there(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """The monitor of Redis shows the real queue, its pause and its memory, as a figure of nothing calms people."""
    command = monitor_of_redis(runbook, LISTED)
    monitor = Monitor(replica, command, (), gateway.replica.command_timeout_seconds)
    for wrong in RedisMonitor(replica, gateway, runbook, monitor).rehearse(evidence.ran):
        evidence.critical(wrong, source=f"{runbook.path.name}:{command.line}")
    evidence.saw(f"`{command.text}` was asked with more jobs, with the queue paused, and with more in Redis")
