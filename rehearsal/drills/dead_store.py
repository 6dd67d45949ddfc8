"""What the monitors of a runbook say while a store is stopped, beside what they say while all is well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.drills.monitors import Monitor
from rehearsal.drills.said import Said
from rehearsal.drills.scripts import log_files
from rehearsal.drills.statuses import StatusPromise
from rehearsal.drills.texts import without_figures
from rehearsal.gateway.description import Gateway
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, Runbook

_NAMES = {"postgres": re.compile(r"postgres|\bbancos? de dados\b|\bo banco\b|\bdatabase\b|\bdb\b", re.IGNORECASE)}
_BACKUPS = re.compile(r"backup|dump|c[oó]pia|restor|restaur|clean|limp", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Monitored:
    """One script, and what it said with the store and without."""

    store: str
    alive: Said
    dead: Said

    @property
    def speaks(self) -> bool:
        """Tell whether it speaks of the store, and had nothing to complain of while that was there."""
        return self.alive.run.ok and any(_NAMES[self.store].search(said.text) for said in (self.alive, self.dead))

    @property
    def says_the_same(self) -> bool:
        """Tell whether it said the same both times, but for its figures."""
        words, others = (set(without_figures(said.text)) for said in (self.alive, self.dead))
        return self.alive.run.exit_code == self.dead.run.exit_code and words == others


def listen_without(
    replica: Replica, gateway: Gateway, runbook: Runbook, store: str, promise: StatusPromise | None
) -> Iterator[Monitored]:
    """Run each script of the document's list with and without a store; those of backups have checks of their own.

    Raises TargetError, ReplicaError.
    """
    scripts = [one for one in runbook.scripts if not _BACKUPS.search(one.text)]
    asked = [Command(promise.asked(one.text) if promise else one.text, "", one.line) for one in scripts]
    limit, logs = gateway.replica.command_timeout_seconds, log_files(runbook)
    monitors = [Monitor(replica, command, logs, limit) for command in asked]
    alive = [monitor.say() for monitor in monitors]
    replica.stop(store)
    try:
        dead = [monitor.say() for monitor in monitors]
    finally:
        replica.start(store)
    return (Monitored(store, *said) for said in zip(alive, dead, strict=True))
