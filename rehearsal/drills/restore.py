"""One restore drill: back up by the runbook, lose or damage the store, restore by the runbook, say what came back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import redis

from rehearsal.drills.mails import Mails, Offered
from rehearsal.drills.placeholders import NoBackupError, fill_in
from rehearsal.drills.stores import Disaster, Store
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import ProcedureRun, run_commands
from rehearsal.gateway.queue import hold, release
from rehearsal.gateway.target import NoAnswerError, TargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.protocol import Replica, ReplicaError
from rehearsal.runbook import Procedure
from rehearsal.snapshot import Difference, SnapshotError


@dataclass
class Recovery:
    """What a drill saw, filled in as it goes: a drill that stops half way leaves what it saw until then."""

    disaster: str = ""
    backup: ProcedureRun | None = None
    restore: ProcedureRun | None = None
    destroyed: Sequence[Difference] = ()
    """Some of what the disaster did to the store: the proof that there was something to bring back."""
    remaining: Sequence[Difference] = ()
    """What differs from the time of the backup after the restore."""
    data_age_seconds: float | None = None
    """From the backup to the disaster: what is written in between is lost."""
    recovery_seconds: float | None = None
    """From the first command of the restore to an API that is ready and a mail that has come through."""
    problems: list[str] = field(default_factory=list)
    """What did not hold, each in a sentence."""


@dataclass
class RestoreDrill:
    """The drill of one store on one replica."""

    store: Store
    replica: Replica
    gateway: Gateway
    backup: Procedure
    restore: Procedure
    goes_on: bool = False
    """Whether the gateway goes on sending after the backup: the restore then brings back jobs of sent mails."""

    def rehearse(self, disaster: Disaster, planted: Any) -> Recovery:  # noqa: ANN401  each store plants its own kind
        """Run the drill once, with `planted` among what must come back.

        What the runbook's procedures do wrong is in the recovery's `problems`. Raises TargetError or ReplicaError
        when the drill itself can't go on.
        """
        seen = Recovery()
        mails = Mails(self.replica, self.gateway)
        sent = mails.deliver("a mail sent before the backup")
        mails.offer_again(sent)
        hold(self.replica, self.gateway.queue, timeout=self._limit)
        waiting = mails.offer("a mail accepted before the backup and not yet sent")
        self.store.plant(self.replica, planted)
        taken = self.store.begin(self.replica)
        backed_up = time.monotonic()
        seen.backup = self._run(self.backup)
        before = taken()
        if self.goes_on:
            release(self.replica, self.gateway.queue, timeout=self._limit)
            mails.await_arrival(waiting)
            hold(self.replica, self.gateway.queue, timeout=self._limit)
        late = mails.offer("a mail accepted after the backup")
        seen.disaster = disaster(self.store, self.replica)
        seen.data_age_seconds = time.monotonic() - backed_up
        seen.destroyed = self.store.compare(before, self.store.take(self.replica), whole=False)
        expected = [sent, waiting] if self.store.holds_the_mails else [sent, waiting, late]
        try:
            self._recover(seen, mails, before, expected)
        except NoBackupError as error:
            seen.problems.append(str(error))
        except (TargetError, ReplicaError, SnapshotError, psycopg.Error, redis.RedisError) as error:
            seen.problems.append(f"after the restore the gateway did not work again: {error}")
        seen.problems += mails.problems
        return seen

    @property
    def _limit(self) -> float:
        return self.gateway.replica.command_timeout_seconds

    def _run(self, procedure: Procedure) -> ProcedureRun:
        commands = fill_in(self.replica, procedure.commands, self.gateway.placeholders, timeout=self._limit)
        return run_commands(self.replica, commands, timeout=self._limit)

    def _recover(self, seen: Recovery, mails: Mails, before: Any, expected: list[Offered]) -> None:  # noqa: ANN401
        started = time.monotonic()
        seen.restore = self._run(self.restore)
        wait_until(
            self._readiness,
            httpx.codes.is_success,
            what="a ready API",
            timeout=self.gateway.replica.ready_timeout_seconds,
            forgive=(NoAnswerError,),
        )
        ready = time.monotonic() - started
        restored = self.store.begin(self.replica)
        if not self.store.keeps_its_moment:
            restored()
        try:
            self.replica.plant_token()
            released = time.monotonic()
            release(self.replica, self.gateway.queue, timeout=self._limit)
            for one in expected:
                mails.offer_again(one)
            quiet = mails.await_copies(expected)
            mails.deliver("a mail handed in after the restore")
            seen.recovery_seconds = ready + time.monotonic() - released
            seen.problems += mails.wrongly_delivered(expected, quiet)
        finally:
            seen.remaining = self.store.compare(before, restored())

    def _readiness(self) -> int:
        with Http(self.replica, self.gateway.http) as http:
            return http.get(self.gateway.http.readiness).status
