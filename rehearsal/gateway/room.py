"""How much room the stores have left: connections of PostgreSQL, memory of Redis."""

from __future__ import annotations

from dataclasses import dataclass

import redis

from rehearsal.gateway.stores import asking_postgres
from rehearsal.gateway.target import NoAnswerError, Target

FULL = 100.0
_MIB = 1 << 20
# A limit of the database or of the role holds for those who are not superusers; our own session is not the gateway's.
_CONNECTIONS = """
SELECT current_setting('max_connections')::int
     - current_setting('superuser_reserved_connections')::int
     - coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::int,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()),
       (SELECT datconnlimit FROM pg_database WHERE datname = current_database()),
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
           AND backend_type = 'client backend')
"""


@dataclass(frozen=True, slots=True)
class Connections:
    """Connections of a server, without the one that asks."""

    used: int
    most: int
    """How many an ordinary user may have; those that are reserved are not among them."""

    @property
    def left(self) -> int:
        """How many an ordinary user could still open."""
        return max(0, self.most - self.used)

    @property
    def percent(self) -> float:
        """Of those that ordinary users may have."""
        return 100 * self.used / self.most if self.most > 0 else FULL

    @property
    def summary(self) -> str:
        """In words."""
        return f"{self.used} of {self.most} connections are used ({self.percent:.0f} %)"


def ask_connections(target: Target) -> Connections:
    """Ask PostgreSQL for its connections. Raises NoAnswerError with the server's own words."""
    with asking_postgres(target, "take one more connection") as connection:
        row = connection.execute(_CONNECTIONS.encode()).fetchone()
    assert row is not None
    most, used, limit, in_database = map(int, row)
    if 0 <= limit < most and limit - in_database < most - used:
        return Connections(in_database, limit)
    return Connections(used, most)


@dataclass(frozen=True, slots=True)
class RedisMemory:
    """Memory of a Redis against its own limit."""

    used: int
    limit: int
    """0 for none."""

    @property
    def percent(self) -> float:
        """Of `maxmemory`; 0 where there is none."""
        return 100 * self.used / self.limit if self.limit else 0.0

    @property
    def mib(self) -> float:
        """What is used, in MiB."""
        return self.used / _MIB

    @property
    def summary(self) -> str:
        """In words."""
        if not self.limit:
            return f"{self.mib:.1f} MiB are used, and no maxmemory is set"
        return f"{self.mib:.1f} of {self.limit / _MIB:.1f} MiB are used ({self.percent:.0f} %)"


def ask_redis_memory(target: Target) -> RedisMemory:
    """Ask Redis for its memory. Raises NoAnswerError with the server's own words."""
    try:
        with target.redis() as client:
            about = client.info("memory")
    except redis.RedisError as error:
        msg = f"expected Redis to tell its memory, got: {' '.join(str(error).split())}"
        raise NoAnswerError(msg) from None
    return RedisMemory(int(about["used_memory"]), int(about.get("maxmemory", 0)))
