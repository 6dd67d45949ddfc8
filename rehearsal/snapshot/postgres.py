"""Everything that a PostgreSQL database holds, taken by the server itself, and the difference between two of them."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from rehearsal.snapshot import catalog, rows
from rehearsal.snapshot.catalog import Definition, Key
from rehearsal.snapshot.difference import Difference, SnapshotError, difference
from rehearsal.snapshot.expressions import same_meaning
from rehearsal.snapshot.rows import Rows

_SHOWN = 5
_PINNED = {
    # Of these depends how values are written, or whether all of them are seen.
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "lc_monetary": "C",
    "quote_all_identifiers": "off",
    "search_path": "",
    "row_security": "off",
    # Compiling a query takes longer than most of these run.
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class PostgresSnapshot:
    """What a database held at one moment: its definitions, and checksums of its rows."""

    definitions: Mapping[Key, Definition]
    rows: Mapping[str, Rows]


def take(
    connection: psycopg.Connection[object],
    *,
    ignore_schemas: Sequence[str] = (),
    begun: Callable[[], None] = lambda: None,
) -> PostgresSnapshot:
    """Take a snapshot in one read-only transaction of the connection, which has to be idle.

    `begun` is called when the moment is fixed: what others write from then on is in neither rows nor positions.

    `ignore_schemas` are left out with all that is in them. The connection's statement time limit applies to each
    table. Raises SnapshotError: a page that can't be read, a permission that is missing, a table dropped meanwhile.
    """
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise SnapshotError(
            "A snapshot needs a connection without a transaction, this one is inside one: commit or roll back."
        )
    try:
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return read(cursor, ignore_schemas, begun)
    except psycopg.Error as error:
        raise SnapshotError(
            f"PostgreSQL database {connection.info.dbname} could not be read whole: {_reason(error)}"
        ) from error


def take_definitions(connection: psycopg.Connection[object]) -> PostgresSnapshot:
    """Take a snapshot without rows or positions: catalogs are read, tables are not. Raises SnapshotError."""
    try:
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            _pin(cursor, ())
            return PostgresSnapshot(catalog.read(cursor, connection.info.server_version // 10000), {})
    except psycopg.Error as error:
        raise SnapshotError(
            f"the definitions of PostgreSQL database {connection.info.dbname} could not be read: {_reason(error)}"
        ) from error


def _reason(error: psycopg.Error) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _pin(cursor: psycopg.Cursor[tuple[object, ...]], ignore_schemas: Sequence[str]) -> None:
    for name, value in {**_PINNED, "rehearsal.ignored_schemas": _array(ignore_schemas)}.items():
        cursor.execute("SELECT set_config(%s, %s, true)", (name, value))


def read(
    cursor: psycopg.Cursor[tuple[object, ...]],
    ignore_schemas: Sequence[str],
    begun: Callable[[], None] = lambda: None,
) -> PostgresSnapshot:
    """Read a snapshot within the cursor's transaction, whose settings it changes. Raises psycopg.Error."""
    _pin(cursor, ignore_schemas)
    # Sequences stand outside of transactions: read last, they would show what others did meanwhile.
    positions = dict(rows.positions(cursor))
    begun()
    definitions = catalog.read(cursor, cursor.connection.info.server_version // 10000)
    for sequence, position in positions.items():
        definitions["sequence position", sequence] = Definition(position, sequence)
    return PostgresSnapshot(definitions, rows.read(cursor))


def compare(
    before: PostgresSnapshot, after: PostgresSnapshot, *, changing: Sequence[str] = ()
) -> tuple[Difference, ...]:
    """Name everything in which `after` is not `before`: objects lost or new first, then rows, then definitions.

    Of an object that is gone as a whole, its parts are not told one by one. Of the tables and sequences that match a
    pattern of `changing`, such as `ops.heartbeat` or `audit.*`, it only counts that a table with rows has rows.
    """
    whole = [*_definitions(before, after, whole=True)]
    return (*whole, *_rows(before, after, changing), *_definitions(before, after, changing, whole=False))


def _array(names: Sequence[str]) -> str:
    quoted = ('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in names)
    return "{" + ",".join(quoted) + "}"


def _changes(name: str, changing: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern if "." in pattern else f"public.{pattern}") for pattern in changing)


def _definitions(
    before: PostgresSnapshot, after: PostgresSnapshot, changing: Sequence[str] = (), *, whole: bool
) -> Iterator[Difference]:
    """Yield the objects that only one side has (`whole`), or else the parts and definitions that differ."""
    has = [{identity for (_, identity), d in s.definitions.items() if not d.part_of} for s in (before, after)]
    gone = has[0] ^ has[1]
    for key in sorted(before.definitions.keys() | after.definitions.keys()):
        one, two = before.definitions.get(key), after.definitions.get(key)
        some = one or two
        alone = some is not None and not some.part_of and not (one and two)
        if alone is not whole or (some and some.part_of in gone):
            continue
        if key[0] == "sequence position" and one and two and _changes(key[1], changing):
            continue
        if not (one and two and same_meaning(one.text, two.text)):
            yield difference(" ".join(key).strip(), _say(one, before, key), _say(two, after, key))


def _say(definition: Definition | None, snapshot: PostgresSnapshot, key: Key) -> str:
    if definition is None:
        return "absent"
    held = snapshot.rows.get(key[1]) if key[0] == "table" else None
    return definition.text + (f"; {_count(held)}" if held else "")


def _rows(before: PostgresSnapshot, after: PostgresSnapshot, changing: Sequence[str]) -> Iterator[Difference]:
    for name in sorted(before.rows.keys() & after.rows.keys()):
        one, two = before.rows[name], after.rows[name]
        if two.count and _changes(name, changing):
            continue
        if (one.count, one.sums) != (two.count, two.sums):
            observed = _count(two) + ("" if one.count != two.count else ", with other content")
            where = name if name == "large objects" else f"rows of {name}"
            yield Difference(where, _count(one), observed + _named(one, two))


def _count(held: Rows) -> str:
    return "1 row" if held.count == 1 else f"{held.count:,} rows"


def _named(one: Rows, two: Rows) -> str:
    """Name some of the rows that differ, where both sides remember them."""
    if one.named is None or two.named is None:
        return ""
    kinds = {
        "lost": sorted(one.named.keys() - two.named.keys()),
        "new": sorted(two.named.keys() - one.named.keys()),
        "changed": sorted(key for key in one.named.keys() & two.named.keys() if one.named[key] != two.named[key]),
    }
    return "".join(
        f"; {kind}: {'; '.join(keys[:_SHOWN])}" + (f" and {len(keys) - _SHOWN:,} more" if len(keys) > _SHOWN else "")
        for kind, keys in kinds.items()
        if keys
    )
