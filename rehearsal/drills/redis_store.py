"""Redis as a restore drill knows it: its keys, and the jobs of the live queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from rehearsal.content import queue as queue_content
from rehearsal.content import redis as redis_content
from rehearsal.damage.stores import damage_redis, grow_redis
from rehearsal.drills.stores import beside
from rehearsal.gateway.description import QueuePart
from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import Difference, SnapshotError, databases
from rehearsal.snapshot import queue as queue_snapshot
from rehearsal.snapshot import redis as redis_snapshot

_FEW_KEYS = 200_000
"""Of no more than these a snapshot is waited for before others go on: half a second."""


@dataclass(frozen=True)
class RedisContent:
    """What a drill plants in Redis: keys of every type, and jobs in every state of a queue of its own."""

    keys: redis_content.RedisContent
    jobs: queue_content.QueueContent


@dataclass(frozen=True)
class RedisState:
    """All keys, and the live queue's jobs by state."""

    keys: redis_snapshot.RedisSnapshot
    jobs: queue_snapshot.QueueSnapshot | None
    """None where there is no such queue, as in a fresh store."""


@dataclass(frozen=True)
class RedisStore:
    """Redis: all its databases; of the live queue, which goes on while it is looked at, its jobs."""

    queue: QueuePart
    changing: tuple[str, ...] = ()
    """Patterns of keys that the gateway writes by itself."""
    name = "Redis"
    service = "redis"
    holds_the_mails = False

    def begin(self, replica: Replica) -> Callable[[], RedisState]:
        """Take a snapshot in a thread. Redis keeps no moment: only a large store is read while others go on."""
        with replica.redis() as client:
            few = sum(about["keys"] for about in databases.filled(client).values()) <= _FEW_KEYS
        return beside(lambda begun: self.take(replica, begun=None if few else begun))

    def take(self, replica: Replica, *, begun: Callable[[], None] | None = None) -> RedisState:
        """Take a snapshot of all keys and jobs; `begun` is told when others may go on with the queue."""
        with replica.redis() as client:
            # The jobs first: of a large store, keys are read while others go on, and they change the queue.
            jobs: queue_snapshot.QueueSnapshot | None = None
            with suppress(SnapshotError):
                jobs = queue_snapshot.take(client, self.queue.prefix, self.queue.name)
            if begun:
                begun()
            return RedisState(redis_snapshot.take(client), jobs)

    def compare(self, before: RedisState, after: RedisState, *, whole: bool = True) -> Sequence[Difference]:
        """Name the differences in keys, and the jobs of the live queue that are nowhere any more."""
        keys = redis_snapshot.compare(before.keys, after.keys, leave_out=self._living, whole=whole)
        return [*keys, *self._lost(before.jobs, after.jobs)]

    def doubts(self, before: RedisState, after: RedisState) -> Sequence[Difference]:  # noqa: ARG002  of the protocol
        """Name nothing: a key is a key, whoever planted it."""
        return ()

    @property
    def _living(self) -> tuple[str, ...]:
        """Globs of the keys that the gateway goes on to write."""
        return (f"{self.queue.prefix}:{self.queue.name}:*", *self.changing)

    def _lost(
        self, before: queue_snapshot.QueueSnapshot | None, after: queue_snapshot.QueueSnapshot | None
    ) -> list[Difference]:
        there = {job for jobs in after.jobs.values() for job in jobs} if after else set()
        return [
            Difference(f"job {job} of queue {self.queue.name}", state, "absent")
            for state, jobs in (before.jobs if before else {}).items()
            for job in jobs
            if job not in there
        ]

    def plant(self, replica: Replica, planted: RedisContent) -> None:
        """Put generated keys and jobs beside the gateway's own."""
        with replica.redis() as client:
            redis_content.plant(client, planted.keys)
            queue_content.plant(client, planted.jobs)

    def damage(self, replica: Replica) -> str:
        """Delete and alter some keys, and add foreign ones."""
        with replica.redis() as client:
            return damage_redis(client)

    def mark(self, replica: Replica) -> None:
        """Damage all but the live queue: a worker that finds it damaged goes on to change it."""
        with replica.redis() as client:
            damage_redis(client, leave_out=self._living)

    def grow(self, replica: Replica, *, timeout: float) -> str:
        """Add and change keys, and leave files of an older server beside those of this one."""
        return grow_redis(replica, timeout=timeout)
