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
            # A session with a live host is made read-only; what the server itself says is kept in a setting of ours.
            row = connection.execute(
                "SELECT current_database(), current_setting('server_version'), pg_is_in_recovery() OR coalesce("
                "  nullif(current_setting('rehearsal.server_read_only', true), ''),"
                "  current_setting('default_transaction_read_only'))::bool,"
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


@dataclass(frozen=True, slots=True)
class RedisKeeping:
    """How Redis keeps what it was given."""

    faults: tuple[str, ...]
    """Why it will forget, each in a sentence."""
    doubts: tuple[str, ...]
    """What a crash may cost, each in a sentence."""
    summary: str


def ask_redis_keeping(target: Target) -> RedisKeeping:
    """Ask whether Redis writes to disk, has managed to, and evicts. Raises NoAnswerError with the server's words."""
    try:
        with target.redis() as client:
            about = {
                name: str(value) for name, value in {**client.info("persistence"), **client.info("memory")}.items()
            }
            saves = client.config_get("save").get("save", "")
            sync = client.config_get("appendfsync").get("appendfsync", "")
    except redis.RedisError as error:
        msg = f"expected Redis to say how it keeps its data, got: {_line(error)}"
        raise NoAnswerError(msg) from None
    log, policy, limit = about.get("aof_enabled") == "1", about.get("maxmemory_policy", ""), about.get("maxmemory", "0")
    faults = []
    if not log and not saves:
        faults.append("Redis writes nothing to disk, neither AOF nor RDB: a restart loses the queue")
    faults += [
        f"Redis says {name}:{about[name]}: its last write to disk failed"
        for name in ("rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status")
        if about.get(name, "ok") != "ok"
    ]
    if limit != "0" and policy != "noeviction":
        faults.append(f"Redis evicts keys when it is full (maxmemory-policy {policy}): a queue needs noeviction")
    doubts = []
    if saves and not log:
        doubts.append(f"Redis keeps no append-only log: a crash loses what came since its last RDB (save '{saves}')")
    if log and sync == "no":
        doubts.append("Redis leaves it to the system when its append-only log is on disk (appendfsync no)")
    summary = f"AOF {'on' if log else 'off'}, save '{saves}', maxmemory {limit}, {policy}"
    return RedisKeeping(tuple(faults), tuple(doubts), summary)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
