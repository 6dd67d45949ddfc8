"""The gateway's BullMQ queue, held and released as an operator of BullMQ does it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import redis.asyncio
from bullmq import Queue  # type: ignore[import-untyped]  # ships no types

from rehearsal.gateway.description import QueuePart
from rehearsal.gateway.target import Target


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


async def _say(target: Target, part: QueuePart, *, paused: bool) -> None:
    queue = Queue(part.name, {"connection": asynchronous(target), "prefix": part.prefix})
    try:
        await (queue.pause() if paused else queue.resume())
    finally:
        await queue.close()


def asynchronous(target: Target) -> redis.asyncio.Redis:
    """Return an asynchronous client of the same server, such as the package `bullmq` takes."""
    with target.redis() as client:
        known = client.connection_pool.connection_kwargs
    common = {name: known.get(name) for name in ("db", "username", "password", "socket_timeout")}
    if "path" in known:
        return redis.asyncio.Redis(unix_socket_path=known["path"], decode_responses=True, **common)
    return redis.asyncio.Redis(host=known["host"], port=known["port"], decode_responses=True, **common)
