"""What Redis forgets in the hours between a backup of PostgreSQL and its restore, forgotten at once.

A key with a time limit is removed when that would have run out by then, and jobs that have ended become older by those
hours: BullMQ removes them as it was told to, with the next one that ends.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from rehearsal.drills.mails import Mails
from rehearsal.drills.steps import Steps
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.queue import look
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import databases

_PAGE = 1000
_SHOWN = 4
_OWN = re.compile(r":(?:lock|stalled-check|limiter|marker)$")
"""What BullMQ itself keeps for moments: no memory of a mail, and renewed by who lives."""
_ID = re.compile(r"(?i)(?<![a-z])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|(?<![a-z0-9])[0-9a-f]{16,}|\d+")
"""Of a key's name what is one mail's, client's or moment's alone."""
_ENDED = ("completed", "failed")
_NEWER = tuple(f"rehearsal-newer-{number}" for number in range(300))
"""Jobs of mails that are sent in that time: few, for a gateway of which it matters."""


@dataclass(frozen=True, slots=True)
class Key:
    """One that runs out."""

    database: int
    name: bytes
    seconds: float
    """That it has left."""


def forget(replica: Replica, gateway: Gateway, seconds: float, ids: Iterable[str]) -> str:
    """Have Redis forget what it forgets in that time, and say what that was; empty where it was nothing.

    `ids`: of mails that were sent; where keys that bear one were forgotten, those alone are named.
    Raises TargetError, ReplicaError, SnapshotError, redis.RedisError.
    """
    jobs = _let_jobs_go(replica, gateway, seconds)
    if keys := short_lived(replica, gateway.queue.prefix, seconds):
        # Who renews a key does so only while he lives: with time, those of the living would not run out.
        for service in ("worker", "api"):
            replica.stop(service)
        try:
            _remove(replica, keys)
        finally:
            for service in ("api", "worker"):
                replica.start(service)
        Steps(replica, gateway).wait_ready()
    wanted = tuple(ids)
    own = [one for one in keys if any(mail_id.encode() in one.name for mail_id in wanted)]
    return ", ".join([*([jobs] if jobs else []), *_words([] if jobs and not own else own or keys)])


def short_lived(replica: Replica, prefix: str, seconds: float) -> list[Key]:
    """Return the keys that run out within that time, but for BullMQ's own of a moment. Raises redis.RedisError."""
    found = []
    with replica.redis() as client:
        for number in databases.filled(client):
            with databases.at(client, number) as one:
                names = list(one.scan_iter(count=_PAGE))
                for start in range(0, len(names), _PAGE):
                    page = names[start : start + _PAGE]
                    with one.pipeline(transaction=False) as pipe:
                        for name in page:
                            pipe.pttl(name)
                        left = pipe.execute()
                    found += [Key(number, *two) for two in zip(page, (ms / 1000 for ms in left), strict=True)]
    own = f"{prefix}:".encode()
    return [
        one
        for one in found
        if 0 < one.seconds < seconds
        and not (one.name.startswith(own) and _OWN.search(one.name.decode(errors="replace")))
    ]


def _remove(replica: Replica, keys: Iterable[Key]) -> None:
    with replica.redis() as client:
        for number in {one.database for one in keys}:
            with databases.at(client, number) as one:
                for key in keys:
                    if key.database == number:
                        one.unlink(key.name)


def _let_jobs_go(replica: Replica, gateway: Gateway, seconds: float) -> str:
    """Make the jobs that have ended older, with newer ones behind them, let one more end, and say whether some went."""
    queue = gateway.queue
    before = look(replica, queue).jobs
    with replica.redis() as client:
        for state in _ENDED:
            for job in before[state]:
                client.zincrby(f"{queue.prefix}:{queue.name}:{state}", -seconds * 1000, job)
        completed = f"{queue.prefix}:{queue.name}:completed"
        client.zadd(completed, dict.fromkeys(_NEWER, time.time() * 1000))
    Mails(replica, gateway).deliver("a mail sent hours later")
    with suppress(DeadlineError):
        # It arrives a moment before its job has ended.
        wait_until(
            lambda: not look(replica, queue).jobs["active"],
            what="the job of a mail that has arrived to end",
            timeout=gateway.replica.ready_timeout_seconds,
        )
    with replica.redis() as client:
        client.zrem(completed, *_NEWER)
    after = look(replica, queue).jobs
    gone = {job for state in _ENDED for job in before[state]} - {job for jobs in after.values() for job in jobs}
    words = f"jobs of {queue.name} that have ended (removeOnComplete), with {len(_NEWER)} newer ones behind them"
    return words if gone else ""


def _words(keys: Iterable[Key]) -> list[str]:
    """Name keys by what is common to them, with the longest time that one has left."""
    longest: dict[str, float] = {}
    for one in keys:
        name = _ID.sub("*", one.name.decode(errors="replace"))
        longest[name] = max(longest.get(name, 0), one.seconds)
    shown = sorted(longest.items(), key=lambda item: -item[1])
    return [f"{name} (TTL {seconds:.0f} s left)" for name, seconds in shown[:_SHOWN]]
