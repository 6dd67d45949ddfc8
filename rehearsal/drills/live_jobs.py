"""What a Redis holds, in figures: keys, and jobs of the gateway's queue. It is only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.gateway.description import QueuePart
from rehearsal.gateway.target import Target
from rehearsal.replica.token import KEY
from rehearsal.snapshot import SnapshotError
from rehearsal.snapshot import queue as queue_snapshot

_NAMED = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """Figures of one moment."""

    keys: int
    """Of the gateway: a replica's token is not counted."""
    jobs: int
    taken: int
    """Jobs that a worker has ended: it may have removed each of them, and its lock."""


def counted(target: Target, queue: QueuePart) -> Counted:
    """Count keys and jobs. Raises redis.RedisError."""
    with target.redis() as client:
        keys = int(client.dbsize()) - int(client.exists(KEY))
        try:
            jobs = queue_snapshot.take(client, queue.prefix, queue.name).jobs
        except SnapshotError:
            return Counted(keys, 0, 0)
    ended = len(jobs["completed"]) + len(jobs["failed"])
    return Counted(keys, sum(map(len, jobs.values())), ended)


def jobs_without_content(target: Target, queue: QueuePart) -> Iterator[str]:
    """Yield the ids of some jobs that are in a state of the queue and have no data. Raises redis.RedisError."""
    with target.redis() as client:
        try:
            found = queue_snapshot.take(client, queue.prefix, queue.name).jobs
        except SnapshotError:
            return
        ids = [job for jobs in found.values() for job in jobs]
        with client.pipeline(transaction=False) as pipeline:
            for job in ids:
                pipeline.exists(f"{queue.prefix}:{queue.name}:{job}")
            there = pipeline.execute() if ids else []
    yield from [job for job, exists in zip(ids, there, strict=True) if not exists][:_NAMED]
