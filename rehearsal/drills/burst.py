"""Many mails that are handed in in the same moment, and whether the stores have room for all who then come to them."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Barrier, BrokenBarrierError

import redis

from rehearsal.drills.ledger import Entry, Ledger
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import ACCEPTED, Http
from rehearsal.gateway.target import NoAnswerError, TargetError
from rehearsal.replica.protocol import Replica

MANY = 32
"""Clients: what limits an address lets through nginx, and more than the pools of an API have connections."""
_LINES = 5000
_NO_ROOM = re.compile(
    r"too many clients already|remaining connection slots are reserved|too many connections for (?:role|database)"
)
_FULL = "max number of clients reached"


@dataclass(frozen=True, slots=True)
class Burst:
    """What was said of the mails at first, and who was turned away."""

    ledger: Ledger
    answers: Counter[int]
    """How many mails got each status at first; 0 for none."""
    by_postgres: int
    """Connections that it refused, because it had none left."""
    last: str
    """What it said of the last one."""
    by_redis: int
    """The same of Redis."""

    @property
    def taken(self) -> int:
        """How many mails were accepted at first."""
        return sum(count for status, count in self.answers.items() if status in ACCEPTED)


def hand_in_at_once(replica: Replica, gateway: Gateway) -> Burst:
    """Hand in a mail by each of many clients in one moment.

    Raises TargetError, also where they can't be brought together, ReplicaError, redis.RedisError.
    """
    ledger, start = Ledger(), Barrier(MANY)
    ledger.now = f"{MANY} mails came at once"
    refused, rejected = len(_refused(replica)), _rejected(replica)

    def offer(_: int) -> Entry:
        with Http(replica, gateway.http) as http:
            with suppress(NoAnswerError):
                http.get(gateway.http.liveness)  # so that each has its connection already
            start.wait(gateway.replica.ready_timeout_seconds)
            return ledger.offer(http)

    try:
        with ThreadPoolExecutor(MANY) as pool:
            first = Counter(entry.replies[0].status for entry in pool.map(offer, range(MANY)))
    except BrokenBarrierError:
        msg = f"expected {MANY} clients to be ready at once, some were not: what they do to the stores was not seen"
        raise TargetError(msg) from None
    lines = _refused(replica)[refused:]
    try:
        by_redis = _rejected(replica) - rejected
    except redis.ConnectionError as error:
        if _FULL not in str(error):
            raise
        by_redis = 1  # this one at least
    return Burst(ledger, first, len(lines), lines[-1].strip() if lines else "", by_redis)


def _refused(replica: Replica) -> list[str]:
    return [line for line in replica.logs("postgres", _LINES).splitlines() if _NO_ROOM.search(line)]


def _rejected(replica: Replica) -> int:
    with replica.redis() as client:
        return int(client.info("stats").get("rejected_connections", 0))
