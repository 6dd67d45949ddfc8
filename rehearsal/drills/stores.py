"""The two stores as a restore drill knows them: take, compare, plant, lose, damage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from rehearsal.content import postgres as postgres_content
from rehearsal.content import queue as queue_content
from rehearsal.content import redis as redis_content
from rehearsal.damage.stores import damage_postgres, damage_redis, grow_postgres, grow_redis
from rehearsal.gateway.description import QueuePart
from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import Difference, SnapshotError, databases
from rehearsal.snapshot import postgres as postgres_snapshot
from rehearsal.snapshot import queue as queue_snapshot
from rehearsal.snapshot import redis as redis_snapshot


class Store(Protocol):
    """One store of the gateway, as a drill treats it."""

    name: str
    """As a person says it."""
    service: str
    holds_the_mails: bool
    """What is accepted after a backup is lost with this store, as far as the RPO allows."""

    def take(self, replica: Replica) -> Any:  # noqa: ANN401  the snapshot's type is the store's own affair
        """Take a snapshot of the whole store."""
        ...

    def begin(self, replica: Replica) -> Callable[[], Any]:
        """Fix the moment of a snapshot, and return what waits for it; others may go on reading meanwhile."""
        ...

    def compare(self, before: Any, after: Any, *, whole: bool = True) -> Sequence[Difference]:  # noqa: ANN401
        """Name the differences between two of its snapshots; not `whole`: some of them, where there are many."""
        ...

    def doubts(self, before: Any, after: Any) -> Sequence[Difference]:  # noqa: ANN401
        """Name the differences in what was planted and is of a kind that the gateway itself may do without."""
        ...

    def plant(self, replica: Replica, planted: Any) -> None:  # noqa: ANN401
        """Put generated content into the store."""
        ...

    def damage(self, replica: Replica) -> str:
        """Damage the store, leave it running and not empty, and say what was done."""
        ...

    def mark(self, replica: Replica) -> None:
        """Change what nobody else changes, so that what is there now differs from the backup."""
        ...

    def grow(self, replica: Replica, *, timeout: float) -> str:
        """Add what the backup does not hold, and say what was done. `timeout` in seconds."""
        ...


Disaster = Callable[[Store, Replica], str]
"""Does something to a store and says what."""


def total_loss(store: Store, replica: Replica) -> str:
    """Lose the store's volume, as a lost disk does."""
    replica.lose_volume(store.service)
    return f"{store.name} lost its volume and runs on a fresh one"


def partial_damage(store: Store, replica: Replica) -> str:
    """Damage the store and leave it running."""
    return store.damage(replica)


_GROWTH_SECONDS = 30


def growth(store: Store, replica: Replica) -> str:
    """Let the store go on, to hold more than its backup."""
    return f"after the backup {store.name} went on: {store.grow(replica, timeout=_GROWTH_SECONDS)}"


_T = TypeVar("_T")
_FEW_KEYS = 200_000
"""Of no more than these a snapshot of Redis is waited for before others go on: half a second."""


def _beside(take: Callable[[Callable[[], None]], _T]) -> Callable[[], _T]:
    """Run `take` in a thread until it says that it has begun; return what waits for the end."""
    begun = threading.Event()
    pool = ThreadPoolExecutor(1)
    taking = pool.submit(take, begun.set)
    taking.add_done_callback(lambda _: begun.set())
    pool.shutdown(wait=False)
    begun.wait()
    return taking.result


@dataclass(frozen=True)
class PostgresStore:
    """PostgreSQL: the gateway's database."""

    changing: tuple[str, ...] = ()
    """Tables that the gateway writes by itself."""
    name = "PostgreSQL"
    service = "postgres"
    holds_the_mails = True

    def take(self, replica: Replica) -> postgres_snapshot.PostgresSnapshot:
        """Take a snapshot of the gateway's database."""
        with replica.postgres() as connection:
            return postgres_snapshot.take(connection)

    def begin(self, replica: Replica) -> Callable[[], postgres_snapshot.PostgresSnapshot]:
        """Take a snapshot in a thread: PostgreSQL keeps its moment while others go on."""

        def take(begun: Callable[[], None]) -> postgres_snapshot.PostgresSnapshot:
            with replica.postgres() as connection:
                return postgres_snapshot.take(connection, begun=begun)

        return _beside(take)

    def compare(
        self,
        before: postgres_snapshot.PostgresSnapshot,
        after: postgres_snapshot.PostgresSnapshot,
        *,
        whole: bool = True,  # noqa: ARG002  definitions and sums are few: the whole takes no longer
    ) -> Sequence[Difference]:
        """Name the differences in definitions and rows."""
        return [one for one in self._all(before, after) if not postgres_content.is_planted_grant(one.where)]

    def doubts(
        self, before: postgres_snapshot.PostgresSnapshot, after: postgres_snapshot.PostgresSnapshot
    ) -> Sequence[Difference]:
        """Name the planted grants that differ: many a team dumps without grants, and has none."""
        return [one for one in self._all(before, after) if postgres_content.is_planted_grant(one.where)]

    def _all(
        self, before: postgres_snapshot.PostgresSnapshot, after: postgres_snapshot.PostgresSnapshot
    ) -> Sequence[Difference]:
        return postgres_snapshot.compare(before, after, changing=self.changing)

    def plant(self, replica: Replica, planted: postgres_content.PostgresContent) -> None:
        """Put generated content into a schema of its own."""
        with replica.postgres() as connection:
            postgres_content.plant(connection, planted)

    def damage(self, replica: Replica) -> str:
        """Drop, delete and alter some of what the database holds."""
        with replica.postgres() as connection:
            return damage_postgres(connection)

    def mark(self, replica: Replica) -> None:
        """Do nothing: the rows of a mail that was accepted after the backup tell."""

    def grow(self, replica: Replica, *, timeout: float) -> str:  # noqa: ARG002  it is done at once
        """Add a schema, tables, rows and a view."""
        with replica.postgres() as connection:
            return grow_postgres(connection)


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
        return _beside(lambda begun: self.take(replica, begun=None if few else begun))

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
