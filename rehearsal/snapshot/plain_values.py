"""Reads the logical value of a Redis key with plain commands, by type, as keys.lua does."""

from __future__ import annotations

from collections.abc import Callable

import redis

from rehearsal.snapshot.digests import chain, sha1, total
from rehearsal.snapshot.resp import Server, named, strings, text

_CHUNK = 1000
_BYTES = 65536

Value = tuple[int, bytes, int]
"""Size, state, and the earliest expiry of a field (-1 for none)."""


def _string(server: Server, key: bytes) -> Value:
    size, state = 0, b""
    while True:
        piece = text(server.ask("GETRANGE", key, size, size + _BYTES - 1))
        state = piece if size == 0 and len(piece) < _BYTES else sha1(state + piece)
        size += len(piece)
        if len(piece) < _BYTES:
            return size, state, -1


def _list(server: Server, key: bytes) -> Value:
    size, state = 0, b""
    while True:
        items = server.strings("LRANGE", key, size, size + _CHUNK - 1)
        size, state = size + len(items), chain(state, items)
        if len(items) < _CHUNK:
            return size, state, -1


def _zset(server: Server, key: bytes) -> Value:
    size, state = 0, b""
    while True:
        items = server.strings("ZRANGE", key, size, size + _CHUNK - 1, "WITHSCORES")
        items[1::2] = [b"%.17g" % float(score) for score in items[1::2]]
        size, state = size + len(items) // 2, chain(state, items)
        if len(items) < 2 * _CHUNK:
            return size, state, -1


def _set(server: Server, key: bytes) -> Value:
    digests = [sha1(member) for member in server.pages("SSCAN", key)]
    return len(digests), total(digests), -1


def _hash(server: Server, key: bytes) -> Value:
    flat = list(server.pages("HSCAN", key))
    fields, values = flat[::2], flat[1::2]
    ends = [at for i in range(0, len(fields), _CHUNK) for at in _fields_expire(server, key, fields[i : i + _CHUNK])]
    digests = [
        chain(b"", [field, value, b"%d" % end if end >= 0 else b""])
        for field, value, end in zip(fields, values, ends, strict=True)
    ]
    return len(fields), total(digests), min((end for end in ends if end >= 0), default=-1)


def _fields_expire(server: Server, key: bytes, fields: list[bytes]) -> list[int]:
    try:
        answer = server.strings("HPEXPIRETIME", key, "FIELDS", len(fields), *fields)
    except redis.ResponseError:
        return [-1] * len(fields)
    return [int(at) for at in answer]


def _stream(server: Server, key: bytes) -> Value:
    size, state, start = 0, b"", b"-"
    while True:
        page = server.items("XRANGE", key, start, "+", "COUNT", _CHUNK)
        entries = [(text(entry[0]), strings(entry[1])) for entry in page if isinstance(entry, list)]
        size, state = size + len(entries), chain(state, [chain(name, fields) for name, fields in entries])
        if len(entries) < _CHUNK:
            return size, chain(state, _groups(server, key)), -1
        start = b"(" + entries[-1][0]


def _groups(server: Server, key: bytes) -> list[bytes]:
    about = named(server.items("XINFO", "STREAM", key))
    known = [about.get(name, b"") for name in (b"last-generated-id", b"entries-added", b"max-deleted-entry-id")]
    digests = []
    for group in map(named, server.items("XINFO", "GROUPS", key)):
        name = group[b"name"]
        items = [name, group[b"last-delivered-id"], group.get(b"entries-read", b"")]
        digests.append(chain(b"", [*items, chain(b"", _pending(server, key, name))]))
    return [*known, total(digests)]


def _pending(server: Server, key: bytes, group: bytes) -> list[bytes]:
    items: list[bytes] = []
    start = b"-"
    while True:
        page = server.items("XPENDING", key, group, start, "+", _CHUNK)
        for entry in map(strings, page):
            items += [entry[0], entry[1], entry[3]]
            start = b"(" + entry[0]
        if len(page) < _CHUNK:
            return items


def _other(server: Server, key: bytes) -> Value:
    """Digest a module's type by its serialized form, without version and checksum."""
    dump = text(server.ask("DUMP", key))
    return len(dump), sha1(dump[:-10]), -1


READERS: dict[str, Callable[[Server, bytes], Value]] = {
    "string": _string,
    "list": _list,
    "set": _set,
    "zset": _zset,
    "hash": _hash,
    "stream": _stream,
}


def read(server: Server, key: bytes, kind: str) -> Value:
    """Return the value of a key of a type. Raises redis.RedisError."""
    return READERS.get(kind, _other)(server, key)
