"""Jobs of a BullMQ queue in every state, in a queue of their own: the gateway's worker never sees them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

import redis
from bullmq import Job, Queue, Worker  # type: ignore[import-untyped]  # it has no types
from hypothesis import strategies as st

from rehearsal.asynchronous import asynchronous
from rehearsal.snapshot import databases

NAME = "rehearsal-drill"
PREFIX = "bull"
_DAY = 86_400_000
"""Milliseconds: nothing that is planted as delayed becomes due during a drill."""


@dataclass(frozen=True, slots=True)
class QueueContent:
    """Texts in the data of jobs, by the state that the jobs are in. Each has the sentinel in its data, too."""

    waiting: tuple[str, ...] = ()
    delayed: tuple[str, ...] = ()
    prioritized: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()
    sentinel: str = field(default_factory=lambda: f"sentinel-{uuid4()}")


RICH = QueueContent(
    waiting=("", "primeiro", "😀\n\"'\\"),
    delayed=("depois",),
    prioritized=("urgente", "menos urgente"),
    failed=("falhou",),
    completed=("pronto", "é"),
    sentinel="sentinel-of-the-rich-example",
)
"""Has a job in every state."""


def contents() -> st.SearchStrategy[QueueContent]:
    """Generate contents of a few jobs in each state, at least one of them waiting."""
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    few = st.lists(text, max_size=3).map(tuple)
    return st.builds(
        QueueContent,
        waiting=st.lists(text, min_size=1, max_size=3).map(tuple),
        delayed=few,
        prioritized=few,
        failed=few,
        completed=few,
        sentinel=st.uuids(version=4).map("sentinel-{}".format),
    )


def plant(client: redis.Redis, content: QueueContent, *, timeout: float = 10) -> str:
    """Put the jobs into the queue `rehearsal-drill`, in place of older ones, and return the sentinel.

    `timeout` in seconds. Raises redis.RedisError, TimeoutError.
    """
    # With connections of its own: those that become asynchronous ones never return to their pool.
    with databases.at(client, client.connection_pool.connection_kwargs.get("db", 0)) as own:
        asyncio.run(asyncio.wait_for(_plant(own, content), timeout))
    return content.sentinel


async def _plant(client: redis.Redis, content: QueueContent) -> None:
    queue = Queue(NAME, {"connection": asynchronous(client), "prefix": PREFIX})
    worker = Worker(NAME, _never, {"connection": asynchronous(client), "prefix": PREFIX, "autorun": False})
    try:
        await queue.obliterate(force=True)
        await _finish(queue, worker, content)
        for text in content.waiting:
            await _add(queue, content, text)
        for text in content.delayed:
            await _add(queue, content, text, {"delay": _DAY})
        for priority, text in enumerate(content.prioritized, 1):
            await _add(queue, content, text, {"priority": priority})
    finally:
        await worker.close(force=True)
        await queue.close()


async def _finish(queue: Queue, worker: Worker, content: QueueContent) -> None:
    """Bring jobs to their end as a worker does: one at a time, while no other job is there."""
    for text in content.completed:
        await _add(queue, content, text)
        await (await _take(worker)).moveToCompleted(text, NAME)
    for text in content.failed:
        await _add(queue, content, text)
        await (await _take(worker)).moveToFailed(RuntimeError(text), NAME)


async def _take(worker: Worker) -> Job:
    job = await worker.moveToActive(NAME)
    if job is None:
        msg = f"expected a job in the queue {NAME} just after adding it, found none: does a worker consume it?"
        raise redis.RedisError(msg)
    return job


async def _add(queue: Queue, content: QueueContent, text: str, options: dict[str, int] | None = None) -> None:
    await queue.add("drill", {"text": text, "sentinel": content.sentinel}, options or {})


async def _never(_job: Job, _token: str) -> None:
    """Stand where a worker wants a processor: this one never runs."""
