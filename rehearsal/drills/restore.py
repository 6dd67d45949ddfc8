"""One restore drill: back up by the runbook, lose or damage the store, restore by the runbook, say what came back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import redis

from rehearsal.drills.mails import Mails, Offered
from rehearsal.drills.placeholders import NoBackupError
from rehearsal.drills.steps import Stamps, Steps
from rehearsal.drills.stores import Disaster, Store
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica, ReplicaError
from rehearsal.runbook import Procedure
from rehearsal.snapshot import Difference, SnapshotError

_OTHER_SECOND = 1.1
"""Seconds after which a name that ends in the second is another one."""


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
    doubts: Sequence[Difference] = ()
    """The same, of a kind that the gateway itself does without today."""
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
    older: bool = False
    """Whether another backup is made after the disaster, and the restore names the one before it."""

    def rehearse(self, disaster: Disaster, planted: Any) -> Recovery:  # noqa: ANN401  each store plants its own kind
        """Run the drill once, with `planted` among what must come back.

        What the runbook's procedures do wrong is in the recovery's `problems`. Raises TargetError or ReplicaError
        when the drill itself can't go on.
        """
        seen = Recovery()
        mails = Mails(self.replica, self.gateway)
        sent = mails.deliver("a mail sent before the backup")
        mails.offer_again(sent)
        self._steps.hold()
        waiting = self._steps.offer(mails, "a mail accepted before the backup and not yet sent")
        self.store.plant(self.replica, planted)
        taken = self.store.begin(self.replica)
        backed_up = time.monotonic()
        seen.backup = self._steps.run(self.backup)
        before = taken()
        named: Stamps = {}
        if self.goes_on:
            self._steps.release()
            mails.await_arrival(waiting)
            self._steps.hold()
        late = mails.offer("a mail accepted after the backup")
        seen.data_age_seconds = time.monotonic() - backed_up
        try:
            named = self._steps.newest(self.restore)[0] if self.older else {}
            seen.disaster = disaster(self.store, self.replica)
            seen.disaster += self._back_up_again(named) if self.older else ""
        except NoBackupError as error:
            seen.problems.append(str(error))
            return seen
        seen.destroyed = self.store.compare(before, self.store.take(self.replica), whole=False)
        expected = [sent, waiting] if self.store.holds_the_mails else [sent, waiting, late]
        try:
            self._recover(seen, mails, before, expected, named)
        except NoBackupError as error:
            seen.problems.append(str(error))
        except (TargetError, ReplicaError, SnapshotError, psycopg.Error, redis.RedisError) as error:
            seen.problems.append(f"after the restore the gateway did not work again: {error}")
        seen.problems += mails.problems
        return seen

    @property
    def _steps(self) -> Steps:
        return Steps(self.replica, self.gateway)

    def _back_up_again(self, named: Stamps) -> str:
        if not any("SS" in text for text in named):
            return ""  # where names tell only the day, a newer backup would take the older one's place
        time.sleep(_OTHER_SECOND)
        self._steps.run(self.backup)
        return "; a newer backup was made of that, and the restore names the one before it"

    def _recover(
        self,
        seen: Recovery,
        mails: Mails,
        before: Any,  # noqa: ANN401  each store has its own kind
        expected: list[Offered],
        named: Stamps,
    ) -> None:
        started = time.monotonic()
        seen.restore = self._steps.run(self.restore, named)
        self._steps.wait_ready()
        ready = time.monotonic() - started
        restored = self.store.begin(self.replica)
        try:
            self.replica.plant_token()
            released = time.monotonic()
            self._steps.release()
            for one in expected:
                mails.offer_again(one)
            quiet = mails.await_copies(expected)
            mails.deliver("a mail handed in after the restore")
            seen.recovery_seconds = ready + time.monotonic() - released
            seen.problems += mails.wrongly_delivered(expected, quiet)
        finally:
            after = restored()
            seen.remaining, seen.doubts = self.store.compare(before, after), self.store.doubts(before, after)
