"""The queue is lost while a mail has waited for nearly as long as a backup may be old: it is sent like any other."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg import sql

from rehearsal.drills.invariants import Account
from rehearsal.drills.ledger import Entry, Ledger
from rehearsal.drills.mail_server import NothingAcceptedError
from rehearsal.drills.settling import Settling
from rehearsal.gateway import agreement
from rehearsal.gateway.description import Gateway, QueuePart
from rehearsal.gateway.http import Http
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import SnapshotError

_HOUR = 3600
_TIMES = b"""
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
AND atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype)
"""


@dataclass(frozen=True, slots=True)
class OldMail:
    """What became of a mail that had waited for long, and of one that had not."""

    account: Account
    old: Entry
    young: Entry
    hours: float


def lose_queue_of_old_mail(replica: Replica, gateway: Gateway) -> OldMail:
    """Hand in two mails, have one of them wait for hours, lose the queue, and return what became of both.

    Raises NotOnThisTargetError where no table of mails is known, or its rows can't be made older; NothingAcceptedError,
    TargetError, ReplicaError, SnapshotError, psycopg.Error, redis.RedisError.
    """
    hours, ledger = gateway.objectives.nearly_rpo_hours, Ledger()
    replica.stop("worker")
    try:
        with Http(replica, gateway.http) as http:
            ledger.now = f"it was to wait for {hours:g} h"
            old = ledger.offer(http)
            ledger.now = "the queue was about to be lost"
            young = ledger.offer(http)
        if not old.accepted or not young.accepted:
            raise NothingAcceptedError("expected the API to accept mails while the worker is down, it did not")
        # A worker that makes the jobs itself has made none: there is no queue yet, and nothing wrong with its name.
        with suppress(SnapshotError):
            agreement.look(replica, gateway.queue)
        make_older(replica, gateway.queue, old.ids[0], hours * _HOUR)
        replica.lose_volume("redis")
    finally:
        replica.start("worker")
    return OldMail(Settling(replica, gateway, ledger).settle(), old, young, hours)


def make_older(replica: Replica, queue: QueuePart, row: str, seconds: float) -> None:
    """Set back each time that a mail's row holds, as if all of it had happened earlier."""
    table, key = sql.Identifier(*queue.outbox.split(".")), sql.Identifier(queue.outbox_id)
    since = sql.Identifier(queue.outbox_since)
    try:
        with replica.postgres() as connection:
            with suppress(psycopg.Error):
                # Else a trigger that notes each change makes it young again.
                connection.execute(b"SET session_replication_role = replica")
            times = [sql.Identifier(str(name)) for (name,) in connection.execute(_TIMES, (queue.outbox,)).fetchall()]
            values = sql.SQL(", ").join(
                sql.SQL("{0} = {0} - make_interval(secs => {1})").format(one, sql.Literal(seconds)) for one in times
            )
            connection.execute(sql.SQL("UPDATE {} SET {} WHERE {}::text = %s").format(table, values, key), (row,))
            aged = sql.SQL("SELECT FROM {} WHERE {}::text = %s AND {} <= now() - make_interval(secs => {})").format(
                table, key, since, sql.Literal(seconds)
            )
            found = connection.execute(aged, (row,)).fetchone() is not None
    except psycopg.Error as error:
        msg = f"the row of a mail can't be made older: {' '.join(str(error).split())}"
        raise NotOnThisTargetError(msg) from None
    if not found:
        msg = f"the API's id of a mail is that of no row of {queue.outbox}, or {queue.outbox_since} can't be set back"
        raise NotOnThisTargetError(msg)
