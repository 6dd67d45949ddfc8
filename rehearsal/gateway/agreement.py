"""Whether PostgreSQL and Redis agree: each mail to be sent has its job, each job its mail. Both are only read."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from rehearsal.gateway.description import Gateway, QueuePart
from rehearsal.gateway.queue import look as look_at_queue
from rehearsal.gateway.target import NotOnThisTargetError, Target, TargetError

_OPEN = ("waiting", "active", "prioritized", "delayed")
_ENDED = ("completed", "failed")
_MOST = 100_000
_SAMPLE = 1000
_PAUSE = 0.5
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBERS = ("smallint", "integer", "bigint", "numeric")
_TYPE = b"SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = %s"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One look at both stores."""

    rows: int
    """Mails that are still to be sent."""
    jobs: int
    """Jobs that a worker will still take."""
    without_job: dict[str, float]
    """Ids of rows that no open job is about, and for how many seconds each has waited."""
    without_row: tuple[str, ...]
    """Ids of open jobs that no row is about."""


def look(target: Target, queue: QueuePart) -> Agreement:
    """Compare both stores once. What is on its way from one to the other shows as a disagreement for a moment.

    Raises NotOnThisTargetError where jobs are not known by rows, SnapshotError, psycopg.Error, redis.RedisError.
    """
    with target.postgres() as connection:
        kind = _kind(connection, queue)
        waiting = _waiting(connection, queue)
        found = look_at_queue(target, queue).jobs
        open_jobs = {job for state in _OPEN for job in found[state]}
        ended = [job for state in _ENDED for job in found[state][-_SAMPLE:]]
        mails = [job for job in open_jobs if _may_be_a_row(job, kind)]
        known = _known(connection, queue, kind, [*mails, *(job for job in ended if _may_be_a_row(job, kind))])
    # A failed one may be that of a row which a restore has rightly lost.
    jobs = open_jobs.union(found["completed"][-_SAMPLE:])
    if jobs and not known and not (waiting.keys() & open_jobs):
        _demand_declared(queue, f"none of the {len(jobs)} jobs has the id of a row of {queue.outbox}")
    return Agreement(
        rows=len(waiting),
        jobs=len(open_jobs),
        without_job={row: age for row, age in waiting.items() if row not in open_jobs},
        without_row=tuple(sorted(job for job in mails if job not in known)),
    )


def lasting(target: Target, gateway: Gateway, *, age: float, timeout: float) -> Agreement:
    """Look until both agree, for `timeout` seconds at most, and return what has disagreed all the while.

    Rows count that have waited for more than `age` seconds. Raises as `look` does.
    """
    deadline = time.monotonic() + timeout
    seen = _old(look(target, gateway.queue), age)
    while (seen.without_job or seen.without_row) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
        again = look(target, gateway.queue)
        seen = Agreement(
            again.rows,
            again.jobs,
            {row: waited for row, waited in again.without_job.items() if row in seen.without_job},
            tuple(job for job in again.without_row if job in seen.without_row),
        )
    return seen


def _old(seen: Agreement, age: float) -> Agreement:
    old = {row: waited for row, waited in seen.without_job.items() if waited > age}
    return Agreement(seen.rows, seen.jobs, old, seen.without_row)


def _demand_declared(queue: QueuePart, why: str) -> None:
    """Say that jobs and rows can't be compared: an error where gateway.toml says that they can."""
    msg = f"jobs can't be held against rows (queue.outbox in gateway.toml): {why}"
    raise TargetError(msg) if queue.says_outbox else NotOnThisTargetError(msg)


def _kind(connection: psycopg.Connection, queue: QueuePart) -> str:
    if not queue.outbox:
        msg = "gateway.toml says that no table holds the rows of jobs (queue.outbox is empty)"
        raise NotOnThisTargetError(msg)
    row = connection.execute(_TYPE, (queue.outbox, queue.outbox_id)).fetchone()
    if row is None:
        _demand_declared(queue, f"there is no column {queue.outbox_id} of a table {queue.outbox}")
    kind = str(row[0]) if row else ""
    if kind.partition("(")[0] in _NUMBERS:
        _demand_declared(queue, f"{queue.outbox}.{queue.outbox_id} is a number, and BullMQ gives numbers of its own")
    return kind


def _table(queue: QueuePart) -> sql.Composable:
    return sql.Identifier(*queue.outbox.split("."))


def _waiting(connection: psycopg.Connection, queue: QueuePart) -> dict[str, float]:
    query = sql.SQL(
        "SELECT {id}::text, extract(epoch FROM now() - {since})::float8 FROM {table} WHERE {waits} LIMIT {most}"
    ).format(
        id=sql.Identifier(queue.outbox_id),
        since=sql.Identifier(queue.outbox_since),
        table=_table(queue),
        waits=sql.SQL(queue.outbox_waits),  # the gateway's own words, from its settings
        most=sql.Literal(_MOST),
    )
    try:
        return {str(row): float(age or 0) for row, age in connection.execute(query).fetchall()}
    except (psycopg.errors.UndefinedColumn, psycopg.errors.InvalidTextRepresentation) as error:
        _demand_declared(queue, " ".join(str(error).split()))
        raise


def _known(connection: psycopg.Connection, queue: QueuePart, kind: str, jobs: Sequence[str]) -> set[str]:
    query = sql.SQL("SELECT {id}::text FROM {table} WHERE {id} = ANY (%s::{kind}[])").format(
        id=sql.Identifier(queue.outbox_id),
        table=_table(queue),
        kind=sql.SQL(kind),  # of the catalog
    )
    return {str(row[0]) for row in connection.execute(query, (list(jobs),)).fetchall()}


def _may_be_a_row(job: str, kind: str) -> bool:
    """Tell whether a job may be a mail's: others, such as repeated ones, may share the queue."""
    return _UUID.fullmatch(job) is not None if kind == "uuid" else not job.isdecimal() and not job.startswith("repeat:")
