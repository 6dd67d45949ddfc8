"""The numbered databases of a Redis server."""

from __future__ import annotations

from collections.abc import Mapping

import redis


def filled(client: redis.Redis) -> dict[int, Mapping[str, int]]:
    """Return what INFO says of each database that holds keys: `keys`, `expires`. Raises redis.RedisError."""
    return {int(name.removeprefix("db")): about for name, about in sorted(client.info("keyspace").items())}


def at(client: redis.Redis, number: int, **settings: object) -> redis.Redis:
    """Return a client of another database with its own connections; close it.

    SELECT on the client itself would be undone, silently, whenever it connects again.
    """
    pool = client.connection_pool
    known = {**pool.connection_kwargs, **settings, "db": number}
    return redis.Redis.from_pool(redis.ConnectionPool(connection_class=pool.connection_class, **known))
