"""The gateway's BullMQ queue: looked at; held, released and hurried as an operator of BullMQ does it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from bullmq import Queue  # type: ignore[import-untyped]  # ships no types

from rehearsal.asynchronous import asynchronous
from rehearsal.gateway.description import QueuePart
from rehearsal.gateway.target import Target
from rehearsal.snapshot.queue import QueueSnapshot, take


def look(target: Target, queue: QueuePart) -> QueueSnapshot:
    """Return who waits, runs and has ended in the queue. Raises SnapshotError."""
    with target.redis() as client:
        return take(client, queue.prefix, queue.name)


@contextmanager
def held(target: Target, queue: QueuePart, *, timeout: float) -> Iterator[None]:
    """Keep the worker from taking jobs inside the block; what it has begun it ends. `timeout` in seconds, each way."""
    hold(target, queue, timeout=timeout)
    try:
        yield
    finally:
        release(target, queue, timeout=timeout)


def hold(target: Target, queue: QueuePart, *, timeout: float) -> None:
    """Pause the queue. Raises redis.RedisError or TimeoutError."""
    asyncio.run(asyncio.wait_for(_say(target, queue, paused=True), timeout))


def release(target: Target, queue: QueuePart, *, timeout: float) -> None:
    """Resume the queue, where it was paused or not. Raises redis.RedisError or TimeoutError."""
    asyncio.run(asyncio.wait_for(_say(target, queue, paused=False), timeout))


def hurry(target: Target, queue: QueuePart, *, timeout: float) -> None:
    """Have all delayed jobs started now. Raises redis.RedisError or TimeoutError."""
    asyncio.run(asyncio.wait_for(_promote(target, queue), timeout))


async def _say(target: Target, part: QueuePart, *, paused: bool) -> None:
    async with _open(target, part) as queue:
        await (queue.pause() if paused else queue.resume())


async def _promote(target: Target, part: QueuePart) -> None:
    async with _open(target, part) as queue:
        await queue.promoteJobs()


@asynccontextmanager
async def _open(target: Target, part: QueuePart) -> AsyncIterator[Queue]:
    with target.redis() as client:
        queue = Queue(part.name, {"connection": asynchronous(client), "prefix": part.prefix})
        try:
            yield queue
        finally:
            await queue.close()
