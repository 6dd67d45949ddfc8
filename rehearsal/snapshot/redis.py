"""Everything that a Redis server holds, digested by the server itself, and the difference between two of them."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import redis

from rehearsal.snapshot import databases, keys, plain, resp, scripted
from rehearsal.snapshot.difference import Difference, SnapshotError, difference
from rehearsal.snapshot.records import Record, Records

LEFT_OUT = (b"rehearsal:token",)
"""Says that a replica may be broken: no part of what it holds."""
_NAMED = 20


@dataclass(frozen=True, slots=True)
class RedisSnapshot:
    """What a server held: a record of each key. Holds an open temporary file for each database: close it."""

    databases: Mapping[int, Records]
    functions: Mapping[bytes, bytes] | None
    """Code of each library by name; None where the server does not let them be read."""
    taken: float
    """When it was complete, in milliseconds of the server's clock."""

    def close(self) -> None:
        """Give the files back. May be called twice."""
        for records in self.databases.values():
            records.close()


def take(client: redis.Redis) -> RedisSnapshot:
    """Take a snapshot of all databases. What is written meanwhile may be in it or not: stop the writers first.

    Raises SnapshotError.
    """
    try:
        found = databases.filled(client)
        records = {number: _read(client, number, volatile=about["expires"] > 0) for number, about in found.items()}
        seconds, micros = client.time()
        return RedisSnapshot(records, _functions(client), seconds * 1000 + micros / 1000)
    except (redis.RedisError, OSError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SnapshotError(f"Redis could not be read whole: {reason}") from error


def _read(client: redis.Redis, database: int, *, volatile: bool) -> Records:
    try:
        return scripted.read(client, database, LEFT_OUT, volatile=volatile)
    except redis.ResponseError as error:
        # Forbidden by an ACL, or renamed: "unknown command".
        if not any(word in str(error) for word in ("unknown command", "permission", "ACL")):
            raise
    return plain.read(client, database, LEFT_OUT)


def _functions(client: redis.Redis) -> dict[bytes, bytes] | None:
    server = resp.Server(client, 0)
    try:
        libraries = [resp.named(library) for library in server.items("FUNCTION", "LIST", "WITHCODE")]
    except redis.ResponseError as error:
        return {} if "unknown command" in str(error) else None
    finally:
        server.close()
    return {library[b"library_name"]: library[b"library_code"] for library in libraries}


def compare(
    before: RedisSnapshot, after: RedisSnapshot, *, leave_out: Sequence[str] = (), whole: bool = True
) -> tuple[Difference, ...]:
    """Name up to 20 keys of each kind (lost, changed, new), and how many more there are.

    Keys that match a pattern of `leave_out` are not compared: something writes them all the time. A key whose time had
    passed when `after` was taken is no difference when it is gone. Not `whole`: stop at 20 of a kind, however many
    there are.
    """
    left_out = re.compile("|".join(map(fnmatch.translate, leave_out))).match if leave_out else None
    named: dict[str, list[Difference]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for database, one, two in _all_pairs(before, after):
        kind = keys.judge(one, two, after.taken)
        if kind and not (left_out and left_out(keys.name(one, two).decode("latin-1"))):
            counts[kind] += 1
            if len(named[kind]) < _NAMED:
                named[kind].append(keys.difference(database, one, two))
            elif not whole:
                break
    more = (
        Difference(
            "keys",
            f"no key {kind}",
            f"{counts[kind]:,} keys {kind}, {counts[kind] - _NAMED:,} of them not named here"
            if whole
            else f"more than {_NAMED} keys {kind}",
        )
        for kind in counts
        if counts[kind] > _NAMED
    )
    return (*(one for kind in named for one in named[kind]), *more, *_compare_functions(before, after))


def _all_pairs(before: RedisSnapshot, after: RedisSnapshot) -> Iterator[tuple[int, Record | None, Record | None]]:
    for database in sorted(before.databases.keys() | after.databases.keys()):
        for one, two in _pairs(before.databases.get(database), after.databases.get(database)):
            yield database, one, two


def _pairs(before: Records | None, after: Records | None) -> Iterator[tuple[Record | None, Record | None]]:
    """Yield what each key was and is, wherever the two may differ, with one bucket of keys in memory at a time."""
    if before is None or after is None:
        yield from ((one, None) for one in before or ())
        yield from ((None, two) for two in after or ())
        return
    for one, two in zip(before.buckets, after.buckets, strict=True):
        if not one.equals(two):
            found = {was.key: was for was in two}
            for key, was in {was.key: was for was in one}.items():
                yield was, found.pop(key, None)
            yield from ((None, new) for new in found.values())


def _compare_functions(before: RedisSnapshot, after: RedisSnapshot) -> Iterator[Difference]:
    one, two = before.functions or {}, after.functions or {}
    if before.functions is None or after.functions is None:
        return
    for name in sorted(one.keys() | two.keys()):
        if one.get(name) != two.get(name):
            yield difference(
                f"function library {keys.printable(name)}",
                one.get(name, b"absent").decode("utf-8", "backslashreplace"),
                two.get(name, b"absent").decode("utf-8", "backslashreplace"),
            )
