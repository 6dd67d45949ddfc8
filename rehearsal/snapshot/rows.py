"""What the tables of a database hold: counted and added up by the server, so that nothing but sums travels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from rehearsal.snapshot.catalog import plain

NAMED = 1000
"""Rows up to which each row is remembered by its primary key, so that a difference can name it."""

_TABLES = b"""
SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname),
       array(SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
             ORDER BY attname),
       array(SELECT CASE WHEN atttypid = ANY ('{text,varchar}'::regtype[]) OR atttypid = 'bpchar'::regtype
                              AND atttypmod > 0 THEN 'letters'
                         WHEN atttypid = ANY ('{bool,int2,int4,int8,oid,uuid}'::regtype[])
                              OR atttypid = ANY ('{bytea,date,timestamp,timestamptz}'::regtype[]) THEN 'itself'
                         ELSE 'text' END
             FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attname),
       array(SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY a.attnum)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.classid = c.tableoid AND d.objid = c.oid AND d.deptype = 'e'
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND n.nspname !~ '^pg_(toast_)?temp_' AND n.nspname <> ALL (current_setting('rehearsal.ignored_schemas')::text[])
  -- Of an extension's tables, those whose rows pg_dump takes along.
  AND (d.refobjid IS NULL OR c.oid IN (SELECT unnest(extconfig) FROM pg_extension WHERE oid = d.refobjid))
ORDER BY 1, 2
"""
_OBJECTS = """
SELECT o.oid::text AS k,
       -- By the megabyte: an object may be larger than a value can be.
       hashtextextended((SELECT concat(size, string_agg(sha256(lo_get(o.oid, start, 1048576))::text, '' ORDER BY start))
                         FROM generate_series(0, size, 1048576) start), 1) AS h
FROM (SELECT m.oid, coalesce(max(pageno * (current_setting('block_size')::bigint / 4) + octet_length(data)), 0) AS size
      FROM pg_largeobject_metadata m LEFT JOIN pg_largeobject ON loid = m.oid
      GROUP BY m.oid) o
"""

_HASHES_RECORDS = 140_000
_ROW = sql.SQL("hash_record_extended(ROW({}), 1)")
_ROW_AS_TEXT = sql.SQL('hashtextextended(ROW({})::text COLLATE "C", 1)')
_HASHED = {
    "itself": sql.SQL("{}"),
    "letters": sql.SQL('{} COLLATE "C"'),
    # Of other types the hash may be the same for values that are written in different ways (1.0 and 1.00, 0 and -0),
    # or another one for the same value (enums: by their number in the catalog), or there is none.
    "text": sql.SQL('{}::text COLLATE "C"'),
}
"""How a column goes into its row's hash: half the time is the making of text."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The content of one table, whatever the order of its rows."""

    count: int
    sums: tuple[int, int]
    """Of two hashes of each row's hash: equal by accident once in 2^64."""
    named: dict[str, int] | None
    """Hash by primary key; None for a table without one, or with more than `NAMED` rows."""


def read(cursor: psycopg.Cursor[tuple[object, ...]]) -> dict[str, Rows]:
    """Return the content of every table, and of the large objects together, within the cursor's transaction.

    Content of materialized views is not compared (a restore computes it anew), nor that of foreign tables.
    Raises psycopg.Error.
    """
    return {name: _read(cursor, source, keyed=keyed) for name, source, keyed in list(_sources(cursor))}


def positions(cursor: psycopg.Cursor[tuple[object, ...]]) -> Iterator[tuple[str, str]]:
    """Yield each sequence's name and where it stands. Raises psycopg.Error."""
    query = b"""
        SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'S' AND n.nspname !~ '^pg_temp_'
          AND n.nspname <> ALL (current_setting('rehearsal.ignored_schemas')::text[])"""
    for schema, name, identity in cursor.execute(query).fetchall():
        place = sql.Identifier(plain(schema), plain(name))
        cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(place))
        last, called = cursor.fetchone() or (None, None)
        yield plain(identity), f"at {last}, {'used' if called else 'not yet used'}"


def _sources(cursor: psycopg.Cursor[tuple[object, ...]]) -> Iterator[tuple[str, sql.Composable, bool]]:
    """Yield each table's name, a query of its rows (`k` names the row, `h` is its hash), and whether it has `k`."""
    row = _ROW if cursor.connection.info.server_version >= _HASHES_RECORDS else _ROW_AS_TEXT
    for schema, table, identity, columns, kinds, key in cursor.execute(_TABLES).fetchall():
        names = [
            _HASHED[kind].format(sql.Identifier("t", name))
            for name, kind in zip(_names(columns), _names(kinds), strict=True)
        ]
        parts = [
            sql.SQL("{} || {}::text").format(sql.Literal(f"{name}="), sql.Identifier("t", name)) for name in _names(key)
        ]
        query = sql.SQL("SELECT {k} AS k, {h} AS h FROM ONLY {table} t").format(
            k=sql.SQL(" || ', ' || ").join(parts) if parts else sql.NULL,
            # In the order of names: a restore may order the columns of an inheriting table anew.
            h=row.format(sql.SQL(", ").join(names)),
            table=sql.Identifier(plain(schema), plain(table)),
        )
        yield plain(identity), query, bool(parts)
    yield "large objects", sql.SQL(_OBJECTS), True


def _names(array: object) -> list[str]:
    return [plain(name) for name in array] if isinstance(array, list) else []


def _read(cursor: psycopg.Cursor[tuple[object, ...]], source: sql.Composable, *, keyed: bool) -> Rows:
    # OFFSET 0 keeps the planner from putting the row's hash into both sums, and so from making it twice. It is hashed
    # once more: a record's is a sum over its columns, to which values that two rows have exchanged make no difference.
    sums = "SELECT count(*), sum(hashint8extended(h, 1)), sum(hashint8extended(h, 2)) FROM ({} OFFSET 0) x"
    cursor.execute(sql.SQL(sums).format(source))
    count, one, two = (int(str(value or 0)) for value in cursor.fetchone() or (0, 0, 0))
    named = None
    if keyed and count <= NAMED:
        cursor.execute(sql.SQL("SELECT k, h FROM ({}) x").format(source))
        named = {plain(key): int(str(digest)) for key, digest in cursor}
    return Rows(count, (one, two), named)
