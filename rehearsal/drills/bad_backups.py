"""Restores from backups that are no good: each is refused before anything is lost, or restored exactly."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg
import redis

from rehearsal.damage.packed import Damage
from rehearsal.drills.files import bring_back, overwrite, put_aside, read_whole, sum_anew
from rehearsal.drills.mails import Mails, Offered
from rehearsal.drills.placeholders import NamedFile
from rehearsal.drills.steps import Stamps, Steps
from rehearsal.drills.stores import Store
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import TargetError
from rehearsal.gateway.wait import DeadlineError
from rehearsal.replica.protocol import Replica, ReplicaError
from rehearsal.runbook import Procedure
from rehearsal.snapshot import Difference, SnapshotError

_LAST_DIGITS = re.compile(r"\d\d(?=\D*$)")
Ending = Literal["kept", "restored", "neither"]
"""The store afterwards: as it was before the restore, as the backup held it, or something that nobody wanted."""


@dataclass(frozen=True)
class BadBackup:
    """One way in which a backup is no good."""

    name: str
    """In words that stand behind "restored from": `a backup cut in half`."""
    damage: Damage
    alone: bool = False
    """Without the manifest beside it, and with a sum of its own: who dumps a damaged store sums up what came of it."""
    came: Callable[[], bool] | None = None
    """Tells whether what it holds, and nothing of what was there before, is in the store now."""
    harm: Callable[[], str] | None = None
    """Says what it did beyond the store, empty where it did nothing."""
    impossible: Callable[[bytes], str] | None = None
    """Says of a good backup why one of its form can't be bad in this way, empty where it can."""
    looks_whole: bool = False
    """No look at the file can tell: who has room for one database only must drop it before the fault shows."""
    misnamed: bool = False
    """It is the good one, and the restore is told another moment than that of its name."""
    taken: str = ""
    """What is wrong where its content is in the store afterwards; empty where that is as good as a refusal."""
    promised: bool = True
    """Whether each restore must withstand it; not a dump with commands, which psql runs unless it is told not to."""


@dataclass
class Attempt:
    """One restore from one bad backup."""

    backup: BadBackup
    run: ProcedureRun
    ending: Ending = "neither"
    differences: Sequence[Difference] = ()
    """From the store before, where it is neither."""
    unreadable: str = ""
    """Why the store can't be looked at afterwards."""
    not_ready: str = ""
    """Why the gateway does not serve afterwards."""
    harm: str = ""


@dataclass
class Trial:
    """What a drill saw, filled in as it goes."""

    backup: ProcedureRun | None = None
    good: ProcedureRun | None = None
    """The restore from the good backup behind them: what it complains of as well is no refusal."""
    attempts: list[Attempt] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Bad backups that this format can't have, or that were not reached."""
    impossible: list[str] = field(default_factory=list)
    """Why backups of this form can't be bad in one of the ways."""
    problems: list[str] = field(default_factory=list)
    """What did not hold once all was over, each in a sentence."""


@dataclass
class BadBackupDrill:
    """Restores of one store on one replica from several bad backups, one after the other."""

    store: Store
    replica: Replica
    gateway: Gateway
    backup: Procedure
    restore: Procedure

    def rehearse(self, planted: Any, cases: Sequence[BadBackup]) -> Trial:  # noqa: ANN401  each store plants its own kind
        """Back up once, then restore from each of the bad backups that are made of it.

        Once a store is lost, nothing can be said of the cases behind it. Raises TargetError or ReplicaError when the
        drill itself can't go on, NoBackupError where the backup leaves nothing to damage.
        """
        seen = Trial()
        mails = Mails(self.replica, self.gateway)
        sent = mails.deliver("a mail sent before the backup")
        self._steps.hold()
        waiting = self._steps.offer(mails, "a mail accepted before the backup and not yet sent")
        self.store.plant(self.replica, planted)
        began = time.time() - 1  # a file's time is of whole ticks
        seen.backup = self._steps.run(self.backup)
        held = self.store.take(self.replica)
        stamps, file = self._steps.newest_file(self.restore, began)
        good = read_whole(self.replica, file.path)
        late = mails.offer("a mail accepted after the backup")
        self.store.mark(self.replica)
        before = self.store.take(self.replica)
        for case in cases:
            bad = case.damage(good)
            if bad is None or not self._stands(seen) or (case.misnamed and not stamps):
                seen.left_out.append(case.name)
                seen.impossible += filter(None, [case.impossible(good) if case.impossible else ""])
                continue
            attempt = self._attempt(case, (bad, good), (stamps, file), before, held)
            seen.attempts.append(attempt)
        if seen.attempts and self._stands(seen):
            expected = [sent, waiting] if self.store.holds_the_mails else [sent, waiting, late]
            self._restore_the_good_one(seen, stamps, held)
            self._serve_again(seen, mails, expected)
            seen.problems += mails.problems
        return seen

    @property
    def _steps(self) -> Steps:
        return Steps(self.replica, self.gateway)

    @staticmethod
    def _stands(seen: Trial) -> bool:
        return all(one.ending != "neither" and not one.not_ready for one in seen.attempts)

    def _attempt(
        self,
        case: BadBackup,
        contents: tuple[bytes, bytes],
        place: tuple[Stamps, NamedFile],
        before: Any,  # noqa: ANN401  each store has its own kind
        held: Any,  # noqa: ANN401  the same
    ) -> Attempt:
        (bad, good), (stamps, file), limit = contents, place, self._steps.limit
        overwrite(self.replica, file.path, bad, timeout=limit)
        if case.alone:
            put_aside(self.replica, file.path, file.stamp, timeout=limit)
            sum_anew(self.replica, file.path, good, bad, timeout=limit)
        try:
            attempt = Attempt(case, self._steps.run(self.restore, _misread(stamps) if case.misnamed else stamps))
        finally:
            overwrite(self.replica, file.path, good, timeout=limit)
            bring_back(self.replica, file.path, timeout=limit)
        attempt.harm = case.harm() if case.harm else ""
        try:
            if case.came and case.came():
                attempt.ending = "restored"
                return attempt  # nobody serves mails from that
            attempt.not_ready = self._why_not_ready()
            self._compare(attempt, before, held)
        except (SnapshotError, psycopg.Error, redis.RedisError, TargetError) as error:
            attempt.unreadable = " ".join(str(error).split())
        return attempt

    def _compare(self, attempt: Attempt, before: Any, held: Any) -> None:  # noqa: ANN401  each store has its own kind
        after = self.store.take(self.replica)
        attempt.differences = self.store.compare(before, after)
        if not attempt.differences:
            attempt.ending = "kept"
        elif not self.store.compare(held, after):
            attempt.ending = "restored"
            self.replica.plant_token()

    def _restore_the_good_one(self, seen: Trial, stamps: Stamps, held: Any) -> None:  # noqa: ANN401  the same
        """Show that a restore which refuses the bad ones does not refuse all, and has left nothing in its own way."""
        seen.good = self._steps.run(self.restore, stamps)
        try:
            self._steps.wait_ready()
            left = self.store.compare(held, self.store.take(self.replica))
            self.replica.plant_token()
        except (TargetError, ReplicaError, SnapshotError, psycopg.Error, redis.RedisError) as error:
            seen.problems.append(f"after the good backup was restored the gateway did not work again: {error}")
            return
        if left:
            first = left[0]
            seen.problems.append(
                f"the good backup did not come back, either: {len(left)} differences, such as {first.where}:"
                f" expected {first.expected}, found {first.observed}"
            )

    def _why_not_ready(self) -> str:
        try:
            self._steps.wait_ready()
        except DeadlineError as error:
            return str(error)
        return ""

    def _serve_again(self, seen: Trial, mails: Mails, expected: list[Offered]) -> None:
        try:
            self._steps.release()
            quiet = mails.await_copies(expected)
            mails.deliver("a mail handed in after all of them")
            seen.problems += mails.wrongly_delivered(expected, quiet)
        except (TargetError, ReplicaError, redis.RedisError) as error:
            seen.problems.append(f"after the restores the gateway did not work again: {error}")


def _misread(stamps: Stamps) -> Stamps:
    """Return the stamps of a moment half a minute, or half a day, from theirs: their last two digits are others."""
    return {
        text: _LAST_DIGITS.sub(lambda two: f"{(int(two[0]) + 12) % 24:02}", stamp) for text, stamp in stamps.items()
    }
