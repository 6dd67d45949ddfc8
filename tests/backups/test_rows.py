"""How many rows a dump holds."""

from __future__ import annotations

from rehearsal.backups.rows import rows_in

DUMP = rb"""
COPY public.mails (id, "text") FROM stdin;
1\tCOPY public.others (id) FROM stdin;
2\t\\.
\\.x
\.

COPY public.none FROM stdin;
\.
INSERT INTO public.more VALUES (1);
"""


def test_rows_of_each_table() -> None:
    """Rows are lines of a block, whatever stands in them; a table without rows has none."""
    assert rows_in(DUMP) == {"public.mails": 3, "public.none": 0}
