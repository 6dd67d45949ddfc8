"""A Redis that makes no RDB when it is asked: the file of before stays where it was, and its age is all that tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from rehearsal.drills.preparing import prepare
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.protocol import Replica

_PROCESSES = 30_000
_SECONDS = 30.0
_BUSY_SECONDS = 3.0


@contextmanager
def unsaved(replica: Replica) -> Iterator[None]:
    """Let each save of Redis fail inside the block, and save well after it.

    Redis writes `temp-<its process>.rdb` and renames it: each of these names is taken, by a folder. Raises TargetError,
    redis.RedisError.
    """
    with replica.redis() as client:
        first = int(client.info("server")["process_id"])
    names = f"seq -f 'temp-%.0f.rdb' {first} {first + _PROCESSES}"
    _demand(replica, f"cd redis-data && {names} | xargs mkdir")
    try:
        yield
    finally:
        _demand(replica, f"cd redis-data && {names} | xargs rmdir --ignore-fail-on-non-empty")
        _save(replica)


@contextmanager
def rewriting(replica: Replica) -> Iterator[None]:
    """Keep Redis at rewriting its append-only log when the block begins: until that is done it begins no save.

    Raises DeadlineError, redis.RedisError; NotOnThisTargetError where Redis can't be made slow.
    """
    with replica.redis() as client:
        microseconds = int(_BUSY_SECONDS * 1e6 / max(1, client.dbsize()))
        try:
            client.config_set("rdb-key-save-delay", microseconds)
        except redis.ResponseError as error:
            raise NotOnThisTargetError(f"Redis can't be kept at rewriting its log: {error}") from None
        try:
            client.bgrewriteaof()
            wait_until(lambda: _rewrites(client), what="Redis to rewrite its log", timeout=_SECONDS)
        finally:
            client.config_set("rdb-key-save-delay", 0)  # The one that has begun keeps its pace.
    yield
    with replica.redis() as client:
        wait_until(lambda: not _rewrites(client), what="Redis to have rewritten its log", timeout=_SECONDS)


def _rewrites(client: redis.Redis) -> bool:
    return bool(client.info("persistence")["aof_rewrite_in_progress"])


def refuses_once_it_fails(replica: Replica, timeout: float) -> bool:
    """Let a save fail, and tell whether Redis then refuses a write: one without save points goes on.

    Raises DeadlineError, redis.RedisError.
    """
    with replica.redis() as client:

        def failed() -> bool:
            seen = client.info("persistence")
            if seen["rdb_last_bgsave_status"] == "ok" and not seen["rdb_bgsave_in_progress"]:
                client.bgsave()
            return bool(seen["rdb_last_bgsave_status"] != "ok")

        wait_until(failed, what="a save that fails", timeout=timeout)
        try:
            client.set("rehearsal:refused", 1, px=1)
        except redis.ResponseError:
            return True
    return False


def _save(replica: Replica) -> None:
    """Save until it is done: after one that failed Redis takes no writes."""
    with replica.redis() as client:

        def status() -> str:
            seen = client.info("persistence")
            if seen["rdb_last_bgsave_status"] != "ok" and not seen["rdb_bgsave_in_progress"]:
                client.bgsave()
            return str(seen["rdb_last_bgsave_status"])

        wait_until(status, "ok".__eq__, what="Redis to save again", timeout=_SECONDS)


def _demand(replica: Replica, script: str) -> None:
    prepare(replica, script, "prepare the folder of Redis", timeout=_SECONDS)
