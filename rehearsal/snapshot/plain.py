"""Reads the keys of a Redis database with plain commands, where the server does not allow scripts.

It makes the same records as keys.lua from the same answers, and takes several times as long.
"""

from __future__ import annotations

from collections.abc import Collection

import redis

from rehearsal.snapshot import plain_values
from rehearsal.snapshot.digests import places, sha1
from rehearsal.snapshot.records import KINDS, Record, Records, bucket_of
from rehearsal.snapshot.resp import Server, text


def read(client: redis.Redis, database: int, leave_out: Collection[bytes]) -> Records:
    """Return a record of each key. Raises redis.RedisError."""
    server = Server(client, database)
    records = Records()
    try:
        for key in server.pages("SCAN"):
            record = None if key in leave_out else _record(server, key)
            if record:
                records.buckets[bucket_of(key)].add(record.pack(), 1, places(_summed(record)))
    finally:
        server.close()
    records.flush()
    return records


def _record(server: Server, key: bytes) -> Record | None:
    """Read one key; None where it has gone meanwhile."""
    kind = text(server.ask("TYPE", key)).decode()
    if kind == "none":
        return None
    size, state, field_expires = plain_values.read(server, key, kind)
    digest = sha1(b"%d:%s%s:%s" % (len(key), key, kind.encode(), state))
    code = KINDS.index(kind) if kind in KINDS else 0
    return Record(key, code, _expires(server, key), field_expires, size, digest)


def _summed(record: Record) -> bytes:
    return record.digest if record.expires < 0 else sha1(b"%s %d" % (record.digest, record.expires))


def _expires(server: Server, key: bytes) -> int:
    at = server.number("PEXPIRETIME", key)
    if at is not None:
        return at
    # Before Redis 7, to the millisecond or nearly so.
    left = server.number("PTTL", key) or -1
    seconds, micros = server.strings("TIME")
    return left if left < 0 else left + int(seconds) * 1000 + int(micros) // 1000
