"""Reads the keys of a Redis database by a script that runs in the server: keys.lua."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from importlib.resources import files
from typing import Any

import redis

from rehearsal.snapshot.records import Records, record, strings

_FEW, _MANY = 100, 1000
"""Keys in one call."""


def read(client: redis.Redis, database: int, leave_out: Collection[bytes], *, volatile: bool) -> Records:
    """Return a record of each key; `volatile` says that some of them expire. Raises redis.RedisError."""
    script = client.script_load((files(__package__) / "keys.lua").read_text("utf-8"))
    separator = os.urandom(8)  # Stands in no key and no value: nobody could have known it.
    common = ["EVALSHA", script, 0, database, int(volatile), separator]
    records = Records()
    for large, names, values, times, rest in _pages(client, common, leave_out):
        if values:
            expires = map(int, times.split(separator)) if volatile else None
            records.extend(strings(names.split(separator), values.split(separator), expires))
        _add(records, rest, separator)
        for key in large:
            answer: list[Any] = [b"", b"", 0, -1]
            while len(answer) > 1:
                answer = client.execute_command(*common, "key", key, *answer)  # type: ignore[no-untyped-call]
            _add(records, answer[0], separator)
    records.flush()
    return records


def _pages(client: redis.Redis, common: list[Any], leave_out: Collection[bytes]) -> Iterator[list[Any]]:
    """Follow the cursor. The server reads the next page while this process is at work on the last one.

    Asked by hand over a connection of its own: a thread that asks ahead would wait for this one to be done.
    """
    connection: Any = client.connection_pool.get_connection()
    try:
        connection.send_command(*common, "scan", b"0", _FEW, *leave_out)
        while True:
            cursor, *page = connection.read_response()
            if cursor != b"0":
                # The server is not kept from others for long: what is no short string takes it many times as long.
                connection.send_command(*common, "scan", cursor, _FEW if page[-1] else _MANY, *leave_out)
            yield page
            if cursor == b"0":
                return
    finally:
        connection.disconnect()  # An answer may still be on its way.
        client.connection_pool.release(connection)


def _add(records: Records, rest: bytes, separator: bytes) -> None:
    """Add the keys that are no short strings, six parts each."""
    parts = iter(rest.split(separator) if rest else ())
    records.extend(
        record(key, kind, state, int(expires), int(size), int(soonest))
        for key, kind, state, expires, size, soonest in zip(*[parts] * 6, strict=True)
    )
