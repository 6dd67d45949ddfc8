"""A mail that the mail server refuses for good: its sender must learn it, and the mails behind it are sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import redis

from rehearsal.drills.invariants import FAILED
from rehearsal.drills.ledger import Ledger, copies_of
from rehearsal.drills.mail_server import ELSEWHERE
from rehearsal.drills.outage import MAIL_SERVER
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.queue import look
from rehearsal.gateway.target import NoAnswerError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.processes.sink import REFUSED
from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import SnapshotError

_LINES = 2000
_ENDS = (FAILED, "sent")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What became of a refused mail, and of one that was handed in after it."""

    mail_id: str
    tries: int
    """As the mail server saw them; 0 where it was never asked to take it."""
    state: str
    """What the API said of it last; empty where it does not tell."""
    place: str
    """Where its job is, such as `failed` or `delayed`; empty where it is nowhere."""
    other_arrived: bool


def refused_for_good(replica: Replica, gateway: Gateway) -> Refusal:
    """Hand in a mail that the mail server says 550 to, and one that it takes. Raises TargetError, NoAnswerError."""
    ledger, to = Ledger(), f"{REFUSED}{uuid.uuid4().hex[:12]}@{ELSEWHERE}"
    with Http(replica, gateway.http) as http:
        ledger.now = "the mail server refuses one"
        refused, other = ledger.demand(http, to=to), ledger.demand(http)
        mail_id = refused.ids[0]
        watch = Watch(replica, gateway, http, mail_id)
        patience = gateway.objectives.queue_age_p95_seconds
        arrived = _within(lambda: bool(copies_of(other, tuple(replica.mails()))), "the mail behind it", patience)
        _within(watch.has_ended, "the end of a refused mail", patience)
        return Refusal(mail_id, tries_of(replica, to), watch.state(), watch.place(), arrived)


def tries_of(replica: Replica, to: str) -> int:
    """Return how often the mail server was asked to take a mail for a recipient of one of its manners."""
    return sum(line.startswith(to) for line in replica.logs(MAIL_SERVER, _LINES).splitlines())


@dataclass(frozen=True)
class Watch:
    """One mail, as the API tells of it and as the queue has it."""

    replica: Replica
    gateway: Gateway
    http: Http
    mail_id: str

    def state(self) -> str:
        """Return what the API says; empty where it does not tell."""
        try:
            return self.http.state_of(self.mail_id)
        except NoAnswerError:
            return ""

    def place(self) -> str:
        """Return where its job is, such as `failed`; empty where it is nowhere. Raises SnapshotError, RedisError."""
        jobs = look(self.replica, self.gateway.queue).jobs
        return next((place for place, ids in jobs.items() if self.mail_id in ids), "")

    def has_ended(self) -> bool:
        """Tell whether the API tells an end, or the queue puts the next try off, or has one that is not told."""
        state, place = self.state(), self.place()
        return state in _ENDS or place == "delayed" or (not state and place in ("failed", "completed"))


def _within(seen: Callable[[], bool], what: str, seconds: float) -> bool:
    try:
        return wait_until(seen, what=what, timeout=seconds, forgive=(SnapshotError, redis.RedisError))
    except DeadlineError:
        return False
