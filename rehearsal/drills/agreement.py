"""Both stores lost, and restored from backups of one moment or of two: whether they agree, each mail sent once."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
import redis

from rehearsal.drills.forgetting import forget
from rehearsal.drills.mails import Mails, Offered
from rehearsal.drills.placeholders import NoBackupError
from rehearsal.drills.steps import Stamps, Steps
from rehearsal.gateway import agreement
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError, TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica, ReplicaError
from rehearsal.runbook import Procedure
from rehearsal.snapshot import SnapshotError

_HOUR = 3600
_QUIET_SECONDS = 0.5
"""How long a further copy is waited for when no mail is queued any more."""


@dataclass(frozen=True)
class StoreProcedures:
    """What the runbook says of one store."""

    service: str
    backup: Procedure
    restore: Procedure


@dataclass
class Rejoined:
    """What the drill saw."""

    runs: list[tuple[Procedure, ProcedureRun]] = field(default_factory=list)
    recovery_seconds: float | None = None
    compared: str = ""
    """What was held against what in the end."""
    problems: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    """Mails that were sent before the backup which a store was restored from knew it: told, and no broken promise."""
    forgotten: str = ""
    """What Redis has forgotten when PostgreSQL's backup is nearly as old as the RPO allows, and it came back again."""
    unseen: str = ""
    """Why it was not seen what that leads to."""


@dataclass
class AgreementDrill:
    """The loss of both stores of one replica."""

    replica: Replica
    gateway: Gateway
    first: StoreProcedures
    """Backed up while a mail waits."""
    second: StoreProcedures
    """Backed up at once, or after more was sent and accepted."""
    apart: bool
    """Whether the gateway goes on between the two backups."""

    def rehearse(self) -> Rejoined:
        """Run the drill. Raises TargetError or ReplicaError when it can't go on."""
        seen, mails = Rejoined(), Mails(self.replica, self.gateway)
        sent = mails.deliver("a mail sent before both backups")
        self._steps.hold()
        waiting = self._steps.offer(mails, "a mail that waited at the first backup")
        self._back_up(seen, self.first)
        between = self._go_on(mails, waiting) if self.apart else []
        self._back_up(seen, self.second)
        late = mails.offer("a mail accepted after both backups")
        for one in (self.first, self.second):
            self.replica.lose_volume(one.service)
        # What a worker makes of half of what is to come back is a matter of moments, and not what is compared here.
        self._steps.hold()
        try:
            self._recover(seen, mails, [sent, waiting], between, late)
        except NoBackupError as error:
            seen.problems.append(str(error))
        except (TargetError, ReplicaError, SnapshotError, psycopg.Error, redis.RedisError) as error:
            seen.problems.append(f"after both restores the gateway did not work again: {error}")
        seen.problems += mails.problems
        return seen

    @property
    def _steps(self) -> Steps:
        return Steps(self.replica, self.gateway)

    @property
    def _patience(self) -> float:
        return self.gateway.replica.ready_timeout_seconds

    @property
    def _rows_are_older(self) -> bool:
        return self.apart and self.first.service == "postgres"

    def _back_up(self, seen: Rejoined, store: StoreProcedures) -> None:
        seen.runs.append((store.backup, self._steps.run(store.backup)))

    def _go_on(self, mails: Mails, waiting: Offered) -> list[Offered]:
        self._steps.release()
        mails.await_arrival(waiting)
        self._await_end(waiting)
        self._steps.hold()
        return [mails.offer("a mail accepted between the backups")]

    def _recover(
        self, seen: Rejoined, mails: Mails, known: list[Offered], between: list[Offered], late: Offered
    ) -> None:
        started = time.monotonic()
        named = self._steps.newest(self.first.restore)[0] if self._rows_are_older else {}
        # In the order of the document: rows before jobs.
        for one in sorted((self.first, self.second), key=lambda store: store.service):
            seen.runs.append((one.restore, self._steps.run(one.restore)))
        self._steps.wait_ready()
        self.replica.plant_token()
        self._steps.release()
        demanded = known + ([] if self._rows_are_older else between)
        quiet = mails.await_copies(demanded)
        mails.deliver("a mail handed in after both restores")
        seen.recovery_seconds = time.monotonic() - started
        if self._rows_are_older:
            # Its row does not know that it was sent; only what Redis remembers keeps it from being sent again. A second
            # copy is waited for first: one that came later would count as an error of the restore.
            self._await_second_copies(known)
            mails.await_moment(quiet)
            seen.duplicates += [
                f"{one.what} was sent before PostgreSQL went back to a time when it was not, and arrived {count} times"
                for one in known
                if (count := mails.copies(one)) > 1
            ]
            demanded = [one for one in demanded if mails.copies(one) <= 1]
        seen.problems += mails.wrongly_delivered(demanded, quiet)
        for mail in (*known, *between, late):
            if mail not in demanded:
                self._await_end(mail)
        self._compare(seen)
        if self._rows_are_older and not (seen.duplicates or seen.problems or mails.problems):
            try:
                self._forget(seen, mails, known, named)
            except (TargetError, ReplicaError, SnapshotError, psycopg.Error, redis.RedisError) as error:
                seen.unseen = " ".join(str(error).split())

    def _forget(self, seen: Rejoined, mails: Mails, known: list[Offered], named: Stamps) -> None:
        """Let Redis forget what it does in the hours that a backup may be old, and restore PostgreSQL once more."""
        seconds = self.gateway.objectives.nearly_rpo_hours * _HOUR
        seen.forgotten = forget(self.replica, self.gateway, seconds, [one.id for one in known])
        if not seen.forgotten:
            return
        self._steps.hold()
        self.replica.lose_volume("postgres")
        seen.runs.append((self.first.restore, self._steps.run(self.first.restore, named)))
        self._steps.wait_ready()
        self.replica.plant_token()
        self._steps.release()
        self._await_second_copies(known)
        seen.duplicates += [
            f"{one.what} was sent again after a restore of PostgreSQL, {mails.copies(one)} times in all, once Redis had"
            f" forgotten what it forgets within {seconds / _HOUR:g} h: {seen.forgotten}; keep what remembers sent mails"
            f" for longer than objectives.rpo_hours ({self.gateway.objectives.rpo_hours:g} h)"
            for one in known
            if mails.copies(one) > 1
        ]

    def _await_second_copies(self, sent: list[Offered]) -> None:
        """Wait until what was sent is queued no longer, and as long again as a copy is on its way."""
        for one in sent:
            with suppress(DeadlineError):  # one that stays queued is not sent twice
                self._await_end(one)
        time.sleep(_QUIET_SECONDS)

    def _await_end(self, mail: Offered) -> None:
        """Wait until a mail is queued no longer: an API may have lost it, and have its own words for that."""
        with Http(self.replica, self.gateway.http) as http:

            def state() -> str:
                try:
                    return http.state_of(mail.id)
                except NoAnswerError:
                    return "without a state"

            what = f"{mail.what} to be queued no longer"
            wait_until(state, lambda seen: seen != "queued", what=what, timeout=self._patience)

    def _compare(self, seen: Rejoined) -> None:
        try:
            found = agreement.lasting(self.replica, self.gateway, age=0, timeout=self._patience)
        except NotOnThisTargetError as reason:
            seen.compared = f"each mail's state by the API ({reason})"
            return
        seen.compared = f"{found.rows} mails to be sent and {found.jobs} open jobs, with each other"
        seen.problems += [f"mail {row} is to be sent and has no job" for row in found.without_job]
        seen.problems += [f"job {job} is open and PostgreSQL has no mail for it" for job in found.without_row]
