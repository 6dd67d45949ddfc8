"""Connections to PostgreSQL that come back by themselves."""

from __future__ import annotations

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from app.settings import Settings

Connection = AsyncConnection[TupleRow]
Pool = AsyncConnectionPool[Connection]


def make_pool(settings: Settings, service: str, size: int) -> Pool:
    """Return a pool that is still to be opened; a server that is away is no reason not to open it.

    Each connection is tried before it is lent: one that died with the server is replaced, not handed out. The pool
    gives up reconnecting after a second and starts anew at the next request, so that it never sleeps through the
    server's return.
    """
    return AsyncConnectionPool(
        kwargs=settings.db_arguments(service),
        connection_class=AsyncConnection,
        min_size=1,
        max_size=size,
        timeout=2,
        reconnect_timeout=1,
        check=AsyncConnectionPool.check_connection,
        open=False,
        name=service,
    )
