"""The mail server is away for a while: what the worker can't send now it sends later."""

from __future__ import annotations

from contextlib import suppress

import redis

from rehearsal.drills.invariants import Account
from rehearsal.drills.ledger import Ledger
from rehearsal.drills.outage import MAIL_SERVER
from rehearsal.drills.settling import Settling
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.queue import look
from rehearsal.gateway.target import TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import SnapshotError

_MAILS = 3
_TRIED = ("delayed", "failed", "completed")
"""Where a job is that was tried once and does not try again at once."""


class NothingAcceptedError(TargetError):
    """The API took none of the mails: nothing can be said of what becomes of them."""


def without_mail_server(replica: Replica, gateway: Gateway) -> Account:
    """Hand in mails that nobody takes at their first try, and return what became of them when somebody did.

    Raises NothingAcceptedError, ReplicaError, TargetError.
    """
    ledger = Ledger()
    ledger.now = "the mail server was away"
    replica.stop(MAIL_SERVER)
    try:
        with Http(replica, gateway.http) as http:
            offered = [ledger.offer(http) for _ in range(_MAILS)]
        ids = {mail_id for one in offered for mail_id in one.ids}
        if not ids:
            msg = f"expected the API to accept mails while the mail server is away, got {offered[0].replies[-1].words}"
            raise NothingAcceptedError(msg)

        def tried() -> bool:
            jobs = look(replica, gateway.queue).jobs
            return bool(ids & {job for state in _TRIED for job in jobs[state]})

        # A gateway whose jobs bear other names shows nothing here: its worker has had the time to try all the same.
        with suppress(DeadlineError):
            wait_until(
                tried,
                what="a first try",
                timeout=gateway.http.timeout_seconds,
                forgive=(SnapshotError, redis.RedisError),
            )
    finally:
        replica.start(MAIL_SERVER)
    return Settling(replica, gateway, ledger).settle()
