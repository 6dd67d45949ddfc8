"""What a store gains after a backup and must not keep through a restore of it."""

from __future__ import annotations

import shlex

import psycopg
import redis
from psycopg import sql
from psycopg.rows import tuple_row

from rehearsal.damage.postgres import TABLES
from rehearsal.damage.redis import damage_redis
from rehearsal.replica.protocol import Replica

_ADDED = b"""
CREATE SCHEMA rehearsal_later;
CREATE TYPE rehearsal_later.kind AS ENUM ('later');
CREATE TABLE rehearsal_later.added (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind rehearsal_later.kind);
INSERT INTO rehearsal_later.added (kind) SELECT 'later' FROM generate_series(1, 3);
CREATE TABLE public.rehearsal_later_beside AS SELECT 1 AS one;
"""
_AOF = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$22\r\nrehearsal-damage:stale\r\n$3\r\nold\r\n"
_INCREMENT = "appendonly.aof.1.incr.aof"


def grow_postgres(connection: psycopg.Connection[object]) -> str:
    """Add a schema, tables with rows, a view of a table that was there; return a sentence of what was done.

    Raises psycopg.Error.
    """
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        there = [(str(schema), str(name)) for schema, name in cursor.execute(TABLES).fetchall()]
        cursor.execute(_ADDED)
        for place in there[:1]:
            # What hangs on an old table stands in the way of a restore that drops only what the backup names.
            table = sql.Identifier(*place)
            cursor.execute(sql.SQL("CREATE VIEW rehearsal_later.seen AS SELECT * FROM {}").format(table))
    return "a schema, two tables with rows and a view were added"


def grow_redis(replica: Replica, *, timeout: float) -> str:
    """Add and change keys, and leave append-only files of older servers in the data folder; say what was done.

    `timeout` in seconds. Raises redis.RedisError, TargetError.
    """
    with replica.redis() as client:
        done = damage_redis(client)
        folder = _folder(client)
    return f"{done}; {_leave_old_files(replica, folder, timeout)}"


def _folder(client: redis.Redis) -> str:
    try:
        found: object = next(iter(client.config_get("dir").values()), "")
    except redis.ResponseError:
        return ""
    return found.decode("utf-8", "surrogateescape") if isinstance(found, bytes) else str(found)


def _leave_old_files(replica: Replica, folder: str, timeout: float) -> str:
    """As an upgrade or a restore by copying leaves them. The server that runs now has no use for them."""
    text = "".join(f"\\{byte:03o}" for byte in _AOF)
    script = f"""cd {shlex.quote(folder or "/data")} || exit 1
        if [ ! -e appendonly.aof ]; then printf '{text}' > appendonly.aof && echo appendonly.aof; fi
        if [ ! -e appendonlydir ]; then
            mkdir appendonlydir && printf '{text}' > appendonlydir/{_INCREMENT} && echo appendonlydir
            printf 'file {_INCREMENT} seq 1 type i\\n' > appendonlydir/appendonly.aof.manifest
        fi"""
    run = replica.run_script(f"docker-compose exec -T redis sh -c {shlex.quote(script)}", timeout=timeout)
    left = " and ".join(run.stdout.split()) if run.ok else ""
    return (
        f"{left} of an older server left beside its files" if left else "no old append-only files could be left there"
    )
