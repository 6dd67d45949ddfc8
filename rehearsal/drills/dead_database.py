"""What the monitors of a runbook say while PostgreSQL is stopped, beside what they say while all is well."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rehearsal.drills.monitors import Monitor
from rehearsal.drills.said import Said
from rehearsal.drills.scripts import log_files
from rehearsal.drills.statuses import StatusPromise
from rehearsal.gateway.description import Gateway
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, Runbook

_SPEAKS = re.compile(r"postgres|\bbancos? de dados\b|\bo banco\b|\bdatabase\b|\bdb\b", re.IGNORECASE)
_BACKUPS = re.compile(r"backup|dump|c[oó]pia|restor|restaur|clean|limp", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Monitored:
    """What one script that speaks of PostgreSQL said with it and without."""

    alive: Said
    dead: Said


def monitors_without_database(
    replica: Replica, gateway: Gateway, runbook: Runbook, promise: StatusPromise | None
) -> list[Monitored]:
    """Run each script of the document's list with and without it; those of backups have checks of their own.

    Raises TargetError, ReplicaError.
    """
    scripts = [one for one in runbook.scripts if not _BACKUPS.search(one.text)]
    asked = [Command(promise.asked(one.text) if promise else one.text, "", one.line) for one in scripts]
    limit, logs = gateway.replica.command_timeout_seconds, log_files(runbook)
    monitors = [Monitor(replica, command, logs, limit) for command in asked]
    alive = [monitor.say() for monitor in monitors]
    replica.stop("postgres")
    try:
        dead = [monitor.say() for monitor in monitors]
    finally:
        replica.start("postgres")
    both = (Monitored(*said) for said in zip(alive, dead, strict=True))
    return [one for one in both if _SPEAKS.search(one.alive.text) or _SPEAKS.search(one.dead.text)]
