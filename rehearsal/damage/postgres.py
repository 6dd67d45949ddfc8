"""Partial damage of a PostgreSQL database, which stays up and is not empty."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from rehearsal.damage.nothing import NothingToDamageError

_Cursor = psycopg.Cursor[tuple[object, ...]]
_Tables = Sequence[tuple[str, str]]

TABLES = b"""
SELECT n.nspname, c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema$)'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY 1, 2
"""
"""The tables that are the gateway's own: schema and name."""
_TEXTS = b"""
SELECT attname FROM pg_attribute
WHERE attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND atttypid IN ('text'::regtype, 'varchar'::regtype)
  AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attname
"""
_SEQUENCES = b"""
SELECT format('%I.%I', schemaname, sequencename), start_value FROM pg_sequences
WHERE last_value IS NOT NULL ORDER BY 1
"""
_CONSTRAINTS = b"""
SELECT nspname, relname, conname
FROM pg_constraint JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE contype IN ('c', 'f', 'u') AND coninhcount = 0 AND nspname !~ '^(pg_|information_schema$)'
ORDER BY 1, 2, 3
"""
_MOST = 1000
"""Rows that are lost at most: enough to show, quick in a large table."""


def damage_postgres(connection: psycopg.Connection[object], *, seed: int = 0) -> str:
    """Delete and alter rows, turn a sequence back, drop a constraint and a table, as far as there are any.

    What is hit is chosen by the seed from the database's own catalog. Returns a sentence of what was done. Needs a
    superuser, as one who does such damage in earnest is. Raises psycopg.Error, NothingToDamageError.
    """
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        # Neither foreign keys nor triggers stand in the way of damage.
        cursor.execute("SET LOCAL session_replication_role = replica")
        tables = [(str(schema), str(name)) for schema, name in cursor.execute(TABLES).fetchall()]
        random.Random(seed).shuffle(tables)  # noqa: S311  a choice that can be repeated, no secret
        done = [_first(cursor, damage(cursor, tables)) for damage in (_delete, _alter, _rewind, _unconstrain, _drop)]
    if not any(done):
        raise NothingToDamageError(f"expected rows in database {connection.info.dbname} to damage, found none")
    return "; ".join(filter(None, done))


_Attempt = tuple[str, sql.Composed]
"""What it does, in words with a place for the number of rows, and how."""


def _first(cursor: _Cursor, attempts: Iterator[_Attempt]) -> str:
    """Do the first damage that succeeds and has an effect."""
    for words, statement in list(attempts):
        try:
            with cursor.connection.transaction():
                cursor.execute(statement)
        except (psycopg.IntegrityError, psycopg.DataError, psycopg.errors.DependentObjectsStillExist):
            continue
        if cursor.rowcount:
            return words.format(cursor.rowcount)
    return ""


def _delete(_: _Cursor, tables: _Tables) -> Iterator[_Attempt]:
    for place in tables:
        table = sql.Identifier(*place)
        third = sql.SQL("(SELECT least({}, greatest(1, count(*) / 3)) FROM ONLY {})").format(_MOST, table)
        rows = sql.SQL("ctid = ANY (ARRAY(SELECT ctid FROM ONLY {} ORDER BY ctid LIMIT {}))").format(table, third)
        statement = sql.SQL("DELETE FROM ONLY {} WHERE {}").format(table, rows)
        yield f"deleted {{}} of the rows of {'.'.join(place)}", statement


def _alter(cursor: _Cursor, tables: _Tables) -> Iterator[_Attempt]:
    for place in (*tables[1:], *tables[:1]):
        table = sql.Identifier(*place)
        for (name,) in cursor.execute(_TEXTS, place).fetchall():
            yield (
                f"altered {name} in {{}} of the rows of {'.'.join(place)}",
                sql.SQL(
                    "UPDATE ONLY {table} SET {column} = left(md5(concat({column})), 8)"
                    " WHERE ctid = ANY (ARRAY(SELECT ctid FROM ONLY {table} ORDER BY ctid DESC LIMIT 3))"
                ).format(table=table, column=sql.Identifier(str(name))),
            )


def _rewind(cursor: _Cursor, _: _Tables) -> Iterator[_Attempt]:
    for name, start in cursor.execute(_SEQUENCES).fetchall():
        statement = sql.SQL("SELECT setval({}, {}, false)").format(sql.Literal(name), sql.Literal(start))
        yield f"turned sequence {name} back to {start}", statement


def _unconstrain(cursor: _Cursor, _: _Tables) -> Iterator[_Attempt]:
    for schema, table, name in cursor.execute(_CONSTRAINTS).fetchall():
        place = sql.Identifier(str(schema), str(table))
        statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(place, sql.Identifier(str(name)))
        yield f"dropped constraint {name} of {schema}.{table}", statement


def _drop(_: _Cursor, tables: _Tables) -> Iterator[_Attempt]:
    for place in tables[:1:-1]:
        yield f"dropped table {'.'.join(place)}", sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(*place))
