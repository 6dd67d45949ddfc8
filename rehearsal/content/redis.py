"""Content of a Redis server: every type, binary keys and values, expiries, in two databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import redis

from rehearsal.snapshot import databases

PREFIX = b"rehearsal:content:"
SENTINEL = PREFIX + b"sentinel"
DATABASES = (0, 1)
FAR = 4_102_444_800_000
"""The year 2100 in milliseconds: nothing planted expires during a drill."""
_LIBRARY = "#!lua name=rehearsal_content\nredis.register_function('rehearsal_content', function() return 1 end)"
_MANY = 500


@dataclass(frozen=True, slots=True)
class RedisContent:
    """Values of each type by the last part of their key. Each second key expires."""

    strings: Mapping[bytes, bytes] = field(default_factory=dict)
    lists: Mapping[bytes, tuple[bytes, ...]] = field(default_factory=dict)
    sets: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    zsets: Mapping[bytes, Mapping[bytes, float]] = field(default_factory=dict)
    hashes: Mapping[bytes, Mapping[bytes, bytes]] = field(default_factory=dict)
    streams: Mapping[bytes, tuple[Mapping[bytes, bytes], ...]] = field(default_factory=dict)
    sentinel: str = field(default_factory=lambda: f"sentinel-{uuid4()}")


def plant(client: redis.Redis, content: RedisContent) -> str:
    """Put the content into those databases that the server has, in place of an older one, and return its sentinel.

    Raises redis.RedisError.
    """
    for number in DATABASES[: databases.count(client)]:
        with databases.at(client, number) as database:
            for page in _pages(list(database.scan_iter(match=PREFIX + b"*", count=1000))):
                database.delete(*page)
            _fill(database, content)
            database.set(SENTINEL, content.sentinel)
    try:
        client.function_load(_LIBRARY, replace=True)
    except redis.ResponseError as error:
        if "unknown command" not in str(error):  # before Redis 7
            raise
    return content.sentinel


def holds(client: redis.Redis, sentinel: str) -> bool:
    """Tell whether the server holds the planted content with this sentinel. Raises redis.RedisError."""
    return bool(client.get(SENTINEL) == sentinel.encode())


def _pages(items: list[bytes]) -> list[list[bytes]]:
    return [items[i : i + _MANY] for i in range(0, len(items), _MANY)]


def _fill(database: redis.Redis, content: RedisContent) -> None:
    keys = [_string(database, key, value) for key, value in content.strings.items()]
    keys += [_list(database, key, items) for key, items in content.lists.items() if items]
    keys += [_set(database, key, members) for key, members in content.sets.items() if members]
    keys += [_zset(database, key, scores) for key, scores in content.zsets.items() if scores]
    keys += [_hash(database, key, fields) for key, fields in content.hashes.items() if fields]
    keys += [_stream(database, key, entries) for key, entries in content.streams.items()]
    for i, key in enumerate(keys[::2]):
        database.pexpireat(key, FAR + i)


def _string(database: redis.Redis, key: bytes, value: bytes) -> bytes:
    database.set(name := PREFIX + b"string:" + key, value)
    return name


def _list(database: redis.Redis, key: bytes, items: tuple[bytes, ...]) -> bytes:
    name = PREFIX + b"list:" + key
    for page in _pages(list(items)):
        database.rpush(name, *page)
    return name


def _set(database: redis.Redis, key: bytes, members: frozenset[bytes]) -> bytes:
    name = PREFIX + b"set:" + key
    for page in _pages(sorted(members)):
        database.sadd(name, *page)
    return name


def _zset(database: redis.Redis, key: bytes, scores: Mapping[bytes, float]) -> bytes:
    name = PREFIX + b"zset:" + key
    for page in _pages(list(scores)):
        database.zadd(name, {member: scores[member] for member in page})
    return name


def _hash(database: redis.Redis, key: bytes, fields: Mapping[bytes, bytes]) -> bytes:
    name = PREFIX + b"hash:" + key
    for page in _pages(list(fields)):
        database.hset(name, mapping={one: fields[one] for one in page})
    try:
        database.hpexpireat(name, FAR, next(iter(fields)))
    except redis.ResponseError as error:
        if "unknown command" not in str(error):  # before Redis 7.4 and Valkey 9
            raise
    return name


def _stream(database: redis.Redis, key: bytes, entries: tuple[Mapping[bytes, bytes], ...]) -> bytes:
    """Make a stream with a group, of whose entries one is acknowledged, one pending, and the last deleted again."""
    name = PREFIX + b"stream:" + key
    with database.pipeline(transaction=False) as pipeline:
        for entry in entries:
            pipeline.xadd(name, dict(entry.items()) or {b"": b""})
        pipeline.execute()
    database.xgroup_create(name, "readers", id="0", mkstream=True)
    database.xgroup_createconsumer(name, "readers", "idle")
    database.xgroup_create(name, b"\xff group", id="$")
    database.xreadgroup("readers", "reader", {name: ">"}, count=2)
    for first in database.xpending_range(name, "readers", "-", "+", 1):
        database.xack(name, "readers", first["message_id"])
    database.xdel(name, database.xadd(name, {b"deleted": b"again"}))
    return name
