"""Content of a PostgreSQL database at the edges of its types, in the schema `rehearsal_content` of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from uuid import uuid4

import psycopg
from psycopg import sql


@dataclass(frozen=True, slots=True)
class Sequence:
    """Where a sequence starts, how it goes on, and how often it has been used."""

    start: int = 5
    increment: int = -3
    used: int = 1
    """0 for a sequence that still stands before its first value."""

    @property
    def options(self) -> str:
        """Return the clauses of CREATE SEQUENCE; its last value is the last that fits."""
        end = self.start + self.increment * max(self.used - 1, 1)
        low, high = sorted((self.start, end))
        return f"START {self.start} INCREMENT {self.increment} MINVALUE {low} MAXVALUE {high}"


@dataclass(frozen=True, slots=True)
class PostgresContent:
    """Values of each type; None is NULL."""

    texts: tuple[str | None, ...] = ()
    documents: tuple[str | None, ...] = ()
    """JSON as text, valid for jsonb."""
    lists: tuple[tuple[str | None, ...] | None, ...] = ()
    matrices: tuple[tuple[tuple[int | None, ...], ...], ...] = ()
    blobs: tuple[bytes | None, ...] = ()
    numbers: tuple[str | None, ...] = ()
    """As PostgreSQL reads a numeric."""
    floats: tuple[float | None, ...] = ()
    moments: tuple[str | None, ...] = ()
    """As PostgreSQL reads a timestamp with time zone."""
    spans: tuple[str | None, ...] = ()
    labels: tuple[str, ...] = ("calm",)
    sequence: Sequence = Sequence()
    sentinel: str = field(default_factory=lambda: f"sentinel-{uuid4()}")


def plant(connection: psycopg.Connection[object], content: PostgresContent) -> str:
    """Put the content into its schema, in place of an older one, and return its sentinel. Raises psycopg.Error."""
    text = (files(__package__) / "postgres.sql").read_text("utf-8")
    labels = sql.SQL(", ").join(map(sql.Literal, content.labels)).as_string(connection)
    text = text.replace("{labels}", labels).replace("{sequence}", content.sequence.options)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        cursor.execute(text.encode())
        _insert(cursor, content)
        for _ in range(content.sequence.used):
            cursor.execute("SELECT nextval('rehearsal_content.odd')")
        cursor.execute("REFRESH MATERIALIZED VIEW rehearsal_content.note_lengths")
    return content.sentinel


def holds(connection: psycopg.Connection[object], sentinel: str) -> bool:
    """Tell whether the database holds the planted content with this sentinel. Raises psycopg.Error."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('rehearsal_content.notes') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM rehearsal_content.notes WHERE body = %s)", (sentinel,))
        return cursor.fetchone() == (True,)


def is_planted_grant(where: str) -> bool:
    """Tell whether a difference is of the grants on what is planted: of a gateway without grants nothing is lost."""
    return where.startswith("grants on ") and "rehearsal_content" in where


def _insert(cursor: psycopg.Cursor[object], content: PostgresContent) -> None:
    moods = content.labels
    notes = [(body or "", moods[i % len(moods)]) for i, body in enumerate((content.sentinel, *content.texts))]
    cursor.executemany("INSERT INTO rehearsal_content.notes (body, mood) VALUES (%s, %s)", notes)
    statements = {
        "documents (note, data, raw) SELECT 1, d::jsonb, d::json FROM (SELECT %s::text) x (d)": content.documents,
        "lists (words, pairs) SELECT w, ARRAY[(1, w[1])::rehearsal_content.pair] FROM (SELECT %s::text[]) x (w)": [
            None if words is None else list(words) for words in content.lists
        ],
        "lists (matrix) VALUES (%s::integer[])": [[list(row) for row in matrix] for matrix in content.matrices],
        "blobs (data) VALUES (%s)": content.blobs,
        "numbers (exact) VALUES (%s::numeric)": content.numbers,
        "numbers (float) VALUES (%s::float8)": content.floats,
        "moments (at, local, day) SELECT a, a, a::date FROM (SELECT %s::timestamptz) x (a)": content.moments,
        "moments (span) VALUES (%s::interval)": content.spans,
    }
    for statement, values in statements.items():
        cursor.executemany(f"INSERT INTO rehearsal_content.{statement}".encode(), [(value,) for value in values])
