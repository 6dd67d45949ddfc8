"""A PostgreSQL that ends the session of a backup half way, as a restart or an administrator does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica

_BALLAST = "mmm_rehearsal"
_ROWS = 100_000
"""Of 88 bytes of noise each: to read them takes longer than to look once more who reads."""
_PAUSE = 0.002
_FIND = b"""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND state = 'active'
        AND query ~* '^\\s*(COPY .* TO STDOUT|FETCH .*_pg_dump_cursor)'
"""
"""By what pg_dump asks: its name is another where PGAPPNAME is set."""


class NoSessionError(Exception):
    """Nothing read rows for a dump while it was watched for: nothing was seen of how a cut is taken."""


@contextmanager
def session_cut(replica: Replica) -> Iterator[None]:
    """End the first session inside the block that reads rows for a dump, wherever pg_dump runs.

    One that comes after it is let alone: a script may try again. Raises NoSessionError, TargetError, psycopg.Error.
    """
    ended, problems, cut = threading.Event(), list[Exception](), threading.Event()
    table = sql.Identifier(_BALLAST)

    def watch() -> None:
        try:
            with replica.postgres() as connection:
                while not ended.wait(_PAUSE):
                    if connection.execute(_FIND).fetchall():
                        cut.set()
                        return
        except (psycopg.Error, TargetError) as error:
            problems.append(error)

    with replica.postgres() as connection:
        noise = "CREATE TABLE {} AS SELECT encode(sha512(random()::text::bytea), 'base64') FROM generate_series(1, {})"
        connection.execute(sql.SQL(noise).format(table, _ROWS))
        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            connection.execute(sql.SQL("DROP TABLE {}").format(table))
    if problems:
        raise problems[0]
    if not cut.is_set():
        msg = "it was not tried: no session of pg_dump was seen to read rows"
        raise NoSessionError(msg)
