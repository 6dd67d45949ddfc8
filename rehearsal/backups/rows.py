"""How many rows of each table a dump holds, as it is written: in blocks of COPY."""

from __future__ import annotations

import re

_COPY = re.compile(rb"^COPY (\S+) (?:\(.*\) )?FROM stdin;$")
_END = rb"\."


def rows_in(dump: bytes) -> dict[str, int]:
    """Return the rows of each table whose data a dump of pg_dump's plain format copies in: `{"public.emails": 12}`."""
    rows: dict[str, int] = {}
    table = ""
    for line in dump.split(b"\n"):
        if table and line == _END:
            table = ""
        elif table:
            rows[table] += 1
        elif start := _COPY.match(line):
            table = start[1].decode(errors="replace")
            rows.setdefault(table, 0)
    return rows
