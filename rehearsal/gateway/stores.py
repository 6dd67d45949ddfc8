"""PostgreSQL and Redis asked the questions that `pg_isready` and `PING` do not answer."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import redis

from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError, Target, TargetError


@dataclass(frozen=True, slots=True)
class PostgresAnswer:
    """What PostgreSQL says of itself."""

    database: str
    tables: int
    """Tables of the gateway's own, in all schemas."""
    version: str
    read_only: bool


@contextmanager
def asking_postgres(target: Target, wanted: str) -> Iterator[psycopg.Connection]:
    """Yield a session with PostgreSQL; an error of it is NoAnswerError, that it did not do what was `wanted`."""
    try:
        with target.postgres() as connection:
            yield connection
    except psycopg.Error as error:
        msg = f"expected PostgreSQL to {wanted}, got: {_line(error)}"
        raise NoAnswerError(msg) from None


def ask_postgres(target: Target) -> PostgresAnswer:
    """Ask the gateway's database a query. Raises NoAnswerError with the server's own words."""
    with asking_postgres(target, "answer a query") as connection:
        # A session with a live host is made read-only; what the server itself says is kept in a setting of ours.
        row = connection.execute(
            "SELECT current_database(), current_setting('server_version'), pg_is_in_recovery() OR coalesce("
            "  nullif(current_setting('rehearsal.server_read_only', true), ''),"
            "  current_setting('default_transaction_read_only'))::bool,"
            "  (SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))"
        ).fetchone()
    assert row is not None
    return PostgresAnswer(database=row[0], version=str(row[1]).split()[0], read_only=row[2], tables=row[3])


def write_to_redis(target: Target) -> str:
    """Write a key of our own to Redis, read it back, delete it, and return the server's version.

    The key expires by itself within a minute, should the run be killed. Raises NoAnswerError with the server's words.
    """
    key, value = f"rehearsal:probe:{uuid.uuid4()}", uuid.uuid4().hex.encode()
    try:
        with target.redis() as client, client.pipeline(transaction=False) as together:
            together.set(key, value, ex=60).get(key).delete(key).info("server")
            answers = together.execute(raise_on_error=False)
            _, seen, _, version = map(_raised, answers)
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


def ask_redis_keeping(target: Target, *, remade: bool = False) -> RedisKeeping:
    """Ask whether Redis writes to disk, has managed to, and evicts. Raises NoAnswerError with the server's words.

    Where jobs can be `remade` out of rows of PostgreSQL, one without an append-only log is no doubt.
    """
    try:
        with target.redis() as client, client.pipeline(transaction=False) as together:
            for part in _PARTS:
                together.info(part)
            for name in _SETTINGS:
                together.config_get(name)
            answers = together.execute(raise_on_error=False)
            info = {name: value for answer in answers[: len(_PARTS)] for name, value in _raised(answer).items()}
            settings = _settings(answers[len(_PARTS) :])
    except redis.RedisError as error:
        msg = f"expected Redis to say how it keeps its data, got: {_line(error)}"
        raise NoAnswerError(msg) from None
    about = {name: str(value) for name, value in info.items()}
    log, policy, limit = about.get("aof_enabled") == "1", about.get("maxmemory_policy", ""), about.get("maxmemory", "0")
    saves = f"save '{settings['save']}'" if settings else "CONFIG can't be asked"
    summary = f"AOF {'on' if log else 'off'}, {saves}, maxmemory {limit}, {policy}"
    doubts = tuple(_doubts(target, settings, log=log, remade=remade))
    return RedisKeeping(tuple(_faults(about, settings)), doubts, summary)


_PARTS = ("persistence", "memory", "server")
_SETTINGS = (
    *("save", "stop-writes-on-bgsave-error"),
    *("appendfsync", "aof-load-truncated", "auto-aof-rewrite-percentage", "no-appendfsync-on-rewrite"),
)
_CONFIGURATION = "redis/redis.conf"


def _raised(answer: Any) -> Any:  # noqa: ANN401 - what redis-py answers
    """Return one answer of several; raise it where it is an error, in the server's own words."""
    if isinstance(answer, Exception):
        raise answer
    return answer


def _settings(answers: Sequence[Any]) -> dict[str, str]:
    """Return settings of the server; none where it lets nobody ask for them, as a hardened or a managed one does."""
    try:
        found = map(_raised, answers)
        return {name: str(answer.get(name, "")) for name, answer in zip(_SETTINGS, found, strict=True)}
    except redis.ResponseError as error:
        if isinstance(error, redis.exceptions.NoPermissionError) or "unknown command" in str(error).lower():
            return {}
        raise


def _faults(about: Mapping[str, str], settings: Mapping[str, str]) -> Iterator[str]:
    if about.get("aof_enabled") != "1" and settings and not settings["save"]:
        yield "Redis writes nothing to disk, neither AOF nor RDB: a restart loses the queue"
    for name in ("rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status"):
        if about.get(name, "ok") != "ok":
            yield f"Redis says {name}:{about[name]}: its last write to disk failed"
    if about.get("loading", "0") != "0":
        yield "Redis is still loading its data, and answers nobody"
    policy = about.get("maxmemory_policy", "")
    if about.get("maxmemory", "0") != "0" and policy != "noeviction":
        yield f"Redis evicts keys when it is full (maxmemory-policy {policy}): a queue needs noeviction"


def _doubts(target: Target, settings: Mapping[str, str], *, log: bool, remade: bool) -> Iterator[str]:
    if not settings:
        return
    saves = settings["save"]
    if saves and not log:
        configured = ", though its configuration has appendonly yes" if _configures_log(target) else ""
        lost = "a crash loses what came since its last RDB"
        if configured or not remade:
            yield f"Redis keeps no append-only log{configured}: {lost} (save '{saves}')"
    if log:
        yield from (words for (name, value), words in _DOUBTFUL.items() if settings[name] == value)
    if saves and not log and settings["stop-writes-on-bgsave-error"] == "no":
        yield "Redis goes on taking jobs when its RDB can't be written (stop-writes-on-bgsave-error no)"


_DOUBTFUL = {
    ("appendfsync", "no"): "Redis leaves it to the system when its append-only log is on disk (appendfsync no)",
    ("aof-load-truncated", "no"): (
        "Redis does not start after a crash that cut its append-only log short (aof-load-truncated no)"
    ),
    ("no-appendfsync-on-rewrite", "yes"): (
        "Redis flushes nothing to disk while it rewrites its append-only log (no-appendfsync-on-rewrite yes): a crash"
        " loses what came meanwhile"
    ),
    ("auto-aof-rewrite-percentage", "0"): (
        "Redis never makes its append-only log shorter by itself (auto-aof-rewrite-percentage 0): it fills the disk"
    ),
}
"""Settings of the append-only log that let it be lost, or fill the disk."""


def _configures_log(target: Target) -> bool:
    """Tell whether the gateway directory's own configuration asks for a log that the server does not keep."""
    try:
        text = target.read_file(_CONFIGURATION).decode(errors="replace")
    except (TargetError, NotOnThisTargetError, OSError):
        return False
    found = re.findall(r"^\s*appendonly\s+[\"']?(\w+)", text, re.MULTILINE | re.IGNORECASE)
    return bool(found) and found[-1].lower() == "yes"


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
