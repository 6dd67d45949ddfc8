"""Waits until every mail of a ledger has had its end, and asks what it was."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import redis

from rehearsal.drills.invariants import FAILED, QUEUED, Account
from rehearsal.drills.ledger import Entry, Ledger, copies_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import UNKNOWN, Http
from rehearsal.gateway.queue import look
from rehearsal.gateway.target import NoAnswerError
from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import SnapshotError

_PAUSE_SECONDS = 0.25
_QUIET_SECONDS = 0.5
"""How long a further copy is waited for when nothing is under way any more."""
_ASKED = 5
"""Mails whose state is asked in one round: the API may limit how often it is asked."""
_SHOWN = 10
"""Delivered mails of which it is asked whether the API says so."""
_BUSY = ("waiting", "prioritized", "delayed", "active")
_ENDS = (FAILED, UNKNOWN, "sent")


@dataclass
class Settling:
    """One ledger on its way to its end."""

    replica: Replica
    gateway: Gateway
    ledger: Ledger
    states: dict[str, str] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    _ended: dict[str, float] = field(default_factory=dict)
    """By id, when a mail that has not arrived was first said to have had its end."""

    def settle(self, disturbed: tuple[float, float] | None = None) -> Account:
        """Return the account once nothing is under way, or when the objective for a mail's wait has passed.

        `disturbed`: from when to when the drill kept the worker or a store from their work.
        """
        started = time.monotonic()
        deadline = started + self.gateway.objectives.queue_age_p95_seconds
        with Http(self.replica, self.gateway.http) as http:
            while self._moves(http) and time.monotonic() < deadline:
                time.sleep(_PAUSE_SECONDS)
            waited = time.monotonic() - started
            self._ask_of_delivered(http, started + self.gateway.objectives.queue_age_p95_seconds)
        time.sleep(_QUIET_SECONDS)
        mails = tuple(self.replica.mails())
        return Account(
            self.ledger.entries,
            mails,
            self.states,
            self.tries,
            self.gateway.objectives.attempts,
            disturbed=disturbed,
            seconds=waited,
            places=self._places(),
        )

    def _moves(self, http: Http) -> bool:
        """Ask again what is still to be accepted, and tell whether anything is still under way."""
        still_open = [one for one in self.ledger.entries if one.open]
        for entry in still_open[:_ASKED]:
            self.ledger.offer_again(http, entry.key)
        mails = tuple(self.replica.mails())
        missing = [one for one in self.ledger.entries if one.accepted and not copies_of(one, mails)]
        self._ask(http, [one for one in missing if one.ids[0] not in self._ended][:_ASKED])
        late = time.monotonic() - _QUIET_SECONDS
        waited_for = [one for one in missing if self._ended.get(one.ids[0], time.monotonic()) > late]
        return bool(still_open or waited_for or self._busy())

    def _ask(self, http: Http, entries: Iterable[Entry]) -> None:
        for entry in entries:
            with suppress(NoAnswerError):
                state = self.states[entry.ids[0]] = http.state_of(entry.ids[0])
                if state in _ENDS:
                    self._ended.setdefault(entry.ids[0], time.monotonic())
                if state == FAILED:
                    self._count_tries(http, entry.ids[0])

    def _ask_of_delivered(self, http: Http, deadline: float) -> None:
        """Ask of some mails that arrived; the row learns it a moment after the sink."""
        mails = tuple(self.replica.mails())
        delivered = [one for one in self.ledger.entries if one.accepted and copies_of(one, mails)]
        # Those of the worst moment are handed in neither first nor last.
        for one in delivered:
            self.states.pop(one.ids[0], None)
        step = max(1, len(delivered) // _SHOWN)
        left = delivered[::step]
        while left and time.monotonic() < deadline:
            self._ask(http, left)
            left = [one for one in left if self.states.get(one.ids[0], QUEUED) == QUEUED]
            if left and all(one.ids[0] not in self.states for one in left):
                return
            time.sleep(_PAUSE_SECONDS if left else 0)

    def _count_tries(self, http: Http, mail_id: str) -> None:
        """Ask the API, which may tell, and the job, which knows unless it was removed."""
        told = http.get(self.gateway.http.state.format(id=mail_id))
        counts = []
        with suppress(ValueError, TypeError, KeyError):
            counts.append(int(json.loads(told.body)["attempts"]))
        with suppress(redis.RedisError, ValueError), self.replica.redis() as client:
            key = f"{self.gateway.queue.prefix}:{self.gateway.queue.name}:{mail_id}"
            # BullMQ 5 calls the tries that were made `atm`, older ones `attemptsMade`.
            counts += [int(one) for one in client.hmget(key, ["atm", "attemptsMade"]) if one is not None]
        if counts:
            self.tries[mail_id] = max(counts)

    def _busy(self) -> bool:
        """Tell whether the queue has one of these mails in it, or any at all in a worker's hands."""
        with suppress(SnapshotError, redis.RedisError):
            jobs = look(self.replica, self.gateway.queue).jobs
            ours = {mail_id for one in self.ledger.entries for mail_id in one.ids}
            return bool(jobs["active"]) or any(job in ours for state in _BUSY for job in jobs[state])
        return False

    def _places(self) -> dict[str, str]:
        with suppress(SnapshotError, redis.RedisError):
            jobs = look(self.replica, self.gateway.queue).jobs
            return {job: state for state, ids in jobs.items() for job in ids}
        return {}
