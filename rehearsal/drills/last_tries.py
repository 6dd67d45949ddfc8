"""A mail that the mail server puts off at each try: it is given up after its last one, and its sender learns it.

Nobody waits for the hours that lie between the tries: a delayed job is started at once, as an operator of BullMQ
starts it.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

from rehearsal.drills.invariants import FAILED
from rehearsal.drills.ledger import Ledger
from rehearsal.drills.mail_server import ELSEWHERE, MAKES_JOBS, tries_allowed
from rehearsal.drills.refusal import Watch, tries_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import UNKNOWN, Http
from rehearsal.gateway.queue import hurry
from rehearsal.replica.processes.sink import PUT_OFF
from rehearsal.replica.protocol import Replica

_ENDS = (FAILED, UNKNOWN, "sent")
_PAUSE_SECONDS = 0.2
_TIMES = 2
"""More than so many times the tries that are allowed are no end."""


@dataclass(frozen=True, slots=True)
class LastTry:
    """What became of a mail that the mail server put off at each try."""

    mail_id: str
    tries: int
    """As the mail server saw them; 0 where it was never asked to take it."""
    allowed: int
    """Tries after which it is to be given up: as its job says, or, where that allows one or does not say, as
    `objectives.attempts` does: a worker may make a new job for each."""
    state: str
    """What the API said of it last; empty where it does not tell."""
    place: str
    """Where its job is, such as `failed` or `delayed`; empty where it is nowhere."""
    waited: float
    """Seconds for which nothing moved any more."""

    @property
    def endless(self) -> bool:
        """Whether it was tried much more often than is allowed."""
        return self.tries > _TIMES * self.allowed


def somebody_put_off(times: int | None = None) -> str:
    """Return an address whose mail server puts mails off, at so many tries or at each."""
    return f"{PUT_OFF}{'' if times is None else f'{times}-'}{uuid.uuid4().hex[:12]}@{ELSEWHERE}"


def put_off_for_good(replica: Replica, gateway: Gateway, to: str) -> LastTry:
    """Hand in a mail that is put off at each try. Raises ReplicaError, TargetError, redis.RedisError, SnapshotError."""
    ledger = Ledger()
    with Http(replica, gateway.http) as http:
        entry = ledger.demand(http, to=to)
        return _Trying(replica, gateway, Watch(replica, gateway, http, entry.ids[0]), to).until_it_ends()


@dataclass
class _Trying:
    replica: Replica
    gateway: Gateway
    watch: Watch
    to: str
    _tries: int = 0
    _allowed: int = 0
    _state: str = ""
    _moved: float = field(default_factory=time.monotonic)

    def until_it_ends(self) -> LastTry:
        while True:
            seen = self._look()
            if seen.state in _ENDS or seen.endless or seen.waited > self._patience(seen):
                return seen
            if seen.place != "failed":
                hurry(self.replica, self.gateway.queue, timeout=self.gateway.redis.timeout_seconds)
            time.sleep(_PAUSE_SECONDS)

    def _look(self) -> LastTry:
        tries = tries_of(self.replica, self.to)
        if tries > self._tries:
            self._tries, self._moved = tries, time.monotonic()
        mail_id = self.watch.mail_id
        # A job may be taken away with its last try.
        self._allowed = max(self._allowed, tries_allowed(self.replica, self.gateway, [mail_id]))
        allowed = self._allowed if self._allowed > 1 else self.gateway.objectives.attempts
        # Who asks often may be told to wait: what was said last still holds.
        self._state = self.watch.state() or self._state
        return LastTry(mail_id, tries, allowed, self._state, self.watch.place(), time.monotonic() - self._moved)

    def _patience(self, seen: LastTry) -> float:
        """A worker may look again, some seconds later, for rows whose jobs have had their end."""
        objective = self.gateway.objectives.queue_age_p95_seconds
        if seen.place == "failed":
            return objective if seen.state else 0
        begun = seen.tries or seen.place == "completed"
        return min(objective, MAKES_JOBS * self.gateway.http.timeout_seconds) if begun else objective
