"""The numbered databases of a Redis server."""

from __future__ import annotations

from collections.abc import Mapping

import redis
from redis.maint_notifications import MaintNotificationsConfig


def filled(client: redis.Redis) -> dict[int, Mapping[str, int]]:
    """Return what INFO says of each database that holds keys: `keys`, `expires`. Raises redis.RedisError."""
    return {int(name.removeprefix("db")): about for name, about in sorted(client.info("keyspace").items())}


def count(client: redis.Redis) -> int:
    """Return how many databases the server has. Raises redis.RedisError."""
    return int(client.config_get("databases").get("databases") or 1)


def at(client: redis.Redis, number: int, **settings: object) -> redis.Redis:
    """Return a client of another database with its own connections; close it.

    SELECT on the client itself would be undone, silently, whenever it connects again.
    """
    pool = client.connection_pool
    # A pool's own notices of maintenance stand among its settings, want RESP 3, and are of no use here.
    known = {name: value for name, value in pool.connection_kwargs.items() if "maint_notifications" not in name}
    known |= {**settings, "db": number, "maint_notifications_config": MaintNotificationsConfig(enabled=False)}
    return redis.Redis.from_pool(redis.ConnectionPool(connection_class=pool.connection_class, **known))
