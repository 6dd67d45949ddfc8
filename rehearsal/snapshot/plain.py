"""Reads the keys of a Redis database with plain commands, where the server does not allow scripts.

It makes the same records as keys.lua from the same answers, and takes several times as long.
"""

from __future__ import annotations

from collections.abc import Collection

import redis

from rehearsal.snapshot import plain_values
from rehearsal.snapshot.records import Record, Records, record
from rehearsal.snapshot.resp import Server, text


def read(client: redis.Redis, database: int, leave_out: Collection[bytes]) -> Records:
    """Return a record of each key. Raises redis.RedisError."""
    server = Server(client, database)
    records = Records()
    try:
        for key in server.pages("SCAN"):
            found = None if key in leave_out else _record(server, key)
            if found:
                records.extend([found])
    finally:
        server.close()
    records.flush()
    return records


def _record(server: Server, key: bytes) -> Record | None:
    """Read one key; None where it has gone meanwhile."""
    kind = text(server.ask("TYPE", key))
    if kind == b"none":
        return None
    size, state, field_expires = plain_values.read(server, key, kind.decode())
    return record(key, kind, state, _expires(server, key), size, field_expires)


def _expires(server: Server, key: bytes) -> int:
    at = server.number("PEXPIRETIME", key)
    if at is not None:
        return at
    # Before Redis 7, to the millisecond or nearly so.
    left = server.number("PTTL", key) or -1
    seconds, micros = server.strings("TIME")
    return left if left < 0 else left + int(seconds) * 1000 + int(micros) // 1000
