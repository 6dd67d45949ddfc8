"""What came back of a live backup, held against its manifest and the live stores. The live stores are only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from psycopg import sql

from rehearsal.gateway.target import Target
from rehearsal.snapshot import Difference, SnapshotError
from rehearsal.snapshot import postgres as postgres_snapshot
from rehearsal.snapshot.postgres import PostgresSnapshot

_TABLES = b"""
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_OF_THE_SERVER = ("role", "tablespace", "grants on parameter", "database", "grants on database", "owner of database")
"""Kinds of definitions that are no part of a dump of one database."""


def live_definitions(live: Target) -> PostgresSnapshot:
    """Return how everything in the live database is defined. Raises SnapshotError, psycopg.Error."""
    with live.postgres() as connection:
        taken = postgres_snapshot.take_definitions(connection)
    kept = {key: one for key, one in taken.definitions.items() if not key[0].startswith(_OF_THE_SERVER)}
    if not any(kind == "table" for kind, _ in kept):
        msg = f"expected tables in the database of {live.name} to compare a backup with, found none"
        raise SnapshotError(msg)
    return replace(taken, definitions=kept)


def lost(live: PostgresSnapshot, restored: Target) -> tuple[Difference, ...]:
    """Name what the live database defines and the restored one lacks or defines otherwise."""
    with restored.postgres() as connection:
        found = postgres_snapshot.take_definitions(connection)
    return tuple(one for one in postgres_snapshot.compare(live, found) if one.expected != "absent")


def count_rows(target: Target) -> dict[str, int]:
    """Return the number of rows of each table: `{"public.email_outbox": 12}`. Raises psycopg.Error."""
    with target.postgres() as connection, connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        tables = [(str(schema), str(name)) for schema, name in cursor.execute(_TABLES).fetchall()]
        found = {}
        for schema, name in sorted(tables):
            query = sql.SQL("SELECT count(*) FROM ONLY {}").format(sql.Identifier(schema, name))
            row = cursor.execute(query).fetchone()
            found[f"{schema}.{name}"] = int(row[0]) if row else 0
    return found


def other_rows(expected: Mapping[str, int], found: Mapping[str, int], percent: float = 0) -> Iterator[Difference]:
    """Yield each table of `expected` whose rows are further away than `percent` of the expected ones."""
    for table, rows in sorted(expected.items()):
        came = found.get(table)
        if came is None or abs(came - rows) > rows * percent / 100:
            observed = "no such table" if came is None else f"{came:,} rows"
            yield Difference(f"rows of {table}", f"{rows:,} rows", observed)


def lend_roles(live: Target, replica: Target) -> tuple[str, ...]:
    """Make the live server's roles in the replica, without login or rights: a dump names them and does not hold them.

    Raises psycopg.Error.
    """
    names = b"SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY 1"
    with live.postgres() as connection:
        wanted = [str(row[0]) for row in connection.execute(names).fetchall()]
    with replica.postgres("postgres") as connection:
        there = {str(row[0]) for row in connection.execute(names).fetchall()}
        missing = tuple(name for name in wanted if name not in there)
        for name in missing:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
    return missing
