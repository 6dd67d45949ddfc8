"""Section "Logs Importantes": the logs that are named are there, and are written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rehearsal.drills.named_logs import (
    create,
    is_of_backups_or_monitors,
    look_at,
    named_logs,
    write_by_cron,
    write_logs,
)
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError, Target
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, RunbookError
from rehearsal.runbook.model import Place

HEADING = "Logs Importantes"


@pytest.mark.weekly
@pytest.mark.section(HEADING)
def test_named_logs_are_kept(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """Each log that the document names is there and holds something, because it is read when something has gone."""
    if target.is_replica:
        msg = "a fresh replica has written none: the drill of this section has it write them"
        raise NotOnThisTargetError(msg)
    for step in named_logs(runbook):
        log = look_at(target, step, timeout=gateway.live.command_timeout_seconds)
        source = evidence.source(Place(step.line, HEADING))
        if not log.kind:
            evidence.critical(f"expected the log {log.path}, found none", source=source)
        elif log.kind == "file" and not log.size:
            evidence.warning(f"expected the log {log.path} to hold something, found it empty", source=source)
        evidence.saw(f"{log.path}: {log.kind or 'not there'}, {log.size} bytes")
        evidence.covers(step.line)


@pytest.mark.drill
@pytest.mark.section(HEADING)
def test_named_logs_are_written(gateway: Gateway, replica: Replica, runbook: Runbook, evidence: Record) -> None:
    """The scripts write to the logs that the document names, because people look there for what a night has done."""
    if replica.isolation == "plain":
        msg = "in the plain arrangement nothing may write to the machine's own folder of logs"
        raise NotOnThisTargetError(msg)
    seconds = gateway.replica.command_timeout_seconds
    before = [look_at(replica, step, timeout=seconds) for step in named_logs(runbook)]
    create(replica, before, timeout=seconds)
    # That they ran is no verdict on them: their own sections have checks for that.
    runs = [one for group in write_logs(replica, runbook, gateway) for one in group]
    for run in runs:
        evidence.ran(replace(run, line=None))
    by_cron = write_by_cron(replica, gateway, before, timeout=seconds)
    if not runs and not by_cron:
        msg = f"{runbook.path}: expected backups or scripts that write logs, found none that can be run"
        raise RunbookError(msg)
    for run, _ in by_cron:
        evidence.ran(run)
    for step, was in zip(named_logs(runbook), before, strict=True):
        log, source = look_at(replica, step, timeout=seconds), evidence.source(Place(step.line, HEADING))
        had_nothing_to_say = any(run.ok for run, paths in by_cron if log.path in paths)
        if log.kind == "file" and log.size <= was.size:
            if not had_nothing_to_say or is_of_backups_or_monitors(runbook, log):
                message = f"expected what runs at night to write to {log.path}, found {log.size} bytes in it as before"
                evidence.critical(message, source=source)
        elif not log.kind:
            what = "folder" if log.path.endswith("/") else "log"
            evidence.critical(f"expected the {what} {log.path}, found none", source=source)
        evidence.saw(f"{log.path}: {log.kind or 'not there'}, {log.size} bytes, {was.size} before")
        evidence.covers(step.line)
