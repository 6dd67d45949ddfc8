"""An asynchronous Redis client that reaches the same server as a synchronous one, however that gets there."""

from __future__ import annotations

import asyncio

import redis
import redis.asyncio


def asynchronous(client: redis.Redis) -> redis.asyncio.Redis:
    """Return a client that answers text, as the package `bullmq` takes it; close it when done."""
    pool = client.connection_pool

    class SameWay(redis.asyncio.Connection):
        async def _connect(self) -> None:
            # Not one of the pool's own: it would count as in use for ever.
            way = pool.connection_class(**pool.connection_kwargs)
            connection = await asyncio.to_thread(way._connect)  # noqa: SLF001  only there the way is known
            connection.setblocking(False)  # noqa: FBT003  the parameter has no name
            self._reader, self._writer = await asyncio.open_connection(sock=connection)

    known = pool.connection_kwargs
    settings = {name: known.get(name) for name in ("db", "username", "password") if known.get(name) is not None}
    made = redis.asyncio.ConnectionPool(connection_class=SameWay, decode_responses=True, **settings)
    return redis.asyncio.Redis.from_pool(made)
