"""PostgreSQL and Redis asked the questions that `pg_isready` and `PING` do not answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import psycopg
import redis

from rehearsal.gateway.target import NoAnswerError, Target


@dataclass(frozen=True, slots=True)
class PostgresAnswer:
    """What PostgreSQL says of itself."""

    database: str
    tables: int
    """Tables of the gateway's own, in all schemas."""
    version: str
    read_only: bool


def ask_postgres(target: Target) -> PostgresAnswer:
    """Ask the gateway's database a query. Raises NoAnswerError with the server's own words."""
    try:
        with target.postgres() as connection:
            row = connection.execute(
                "SELECT current_database(), current_setting('server_version'), pg_is_in_recovery()"
                "  OR current_setting('default_transaction_read_only')::bool,"
                "  (SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))"
            ).fetchone()
    except psycopg.Error as error:
        msg = f"expected PostgreSQL to answer a query, got: {_line(error)}"
        raise NoAnswerError(msg) from None
    assert row is not None
    return PostgresAnswer(database=row[0], version=str(row[1]).split()[0], read_only=row[2], tables=row[3])


def write_to_redis(target: Target) -> str:
    """Write a key of our own to Redis, read it back, delete it, and return the server's version.

    The key expires by itself within a minute, should the run be killed. Raises NoAnswerError with the server's words.
    """
    key, value = f"rehearsal:probe:{uuid.uuid4()}", uuid.uuid4().hex.encode()
    try:
        with target.redis() as client:
            client.set(key, value, ex=60)
            seen = client.get(key)
            client.delete(key)
            version = client.info("server")
    except redis.RedisError as error:
        msg = f"expected Redis to take a write, got: {_line(error)}"
        raise NoAnswerError(msg) from None
    if seen != value:
        msg = f"expected Redis to give back what was written to it, got {seen!r}"
        raise NoAnswerError(msg)
    return str(version.get("valkey_version") or version.get("redis_version", ""))


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
