"""The definitions of a database, one query for each family of objects.

Each `.sql` file here returns rows of kind, identity, part_of and definition, all text, without an OID in them: what
names the same thing before a dump and after its restore. `part_of` is the identity of the object that it belongs to,
empty for what stands by itself: of a lost table only the table is told, not each of its columns. A new kind of object
is a new SELECT in one of the files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import psycopg

Key = tuple[str, str]
"""Kind and identity, such as `("column", "public.email_outbox.state")`."""


@dataclass(frozen=True, slots=True)
class Definition:
    """How one object is defined, in the words of the server."""

    text: str
    part_of: str


def read(cursor: psycopg.Cursor[tuple[object, ...]], version: int) -> dict[Key, Definition]:
    """Return every definition of the database, within the transaction that the cursor is in.

    `version` is the server's major version. Raises psycopg.Error.
    """
    found: dict[Key, Definition] = {}
    for since, query in _queries():
        if version >= since:
            for row in cursor.execute(query):
                kind, identity, part_of, text = (plain(value) for value in row)
                found[kind, identity] = Definition(text, part_of)
    return found


def plain(value: object) -> str:
    """Return a text value as `str`: from a database without an encoding (SQL_ASCII) it comes as bytes."""
    return (
        value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str("" if value is None else value)
    )


@cache
def _queries() -> tuple[tuple[int, bytes], ...]:
    """Return each query with the first major version that it works on."""
    folder = files(__name__)
    common = (folder / "common.sql").read_text("utf-8")
    queries = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql") and file.name != "common.sql":
            text = file.read_text("utf-8")
            since = re.match(r"-- from version (\d+)", text)
            queries.append((int(since[1]) if since else 0, f"{common}\n{text}".encode()))
    return tuple(queries)
