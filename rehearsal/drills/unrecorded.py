"""The worker dies when its mails are sent and on record, and the queue has not heard of it."""

from __future__ import annotations

import time
from contextlib import suppress

from rehearsal.drills.invariants import Account
from rehearsal.drills.ledger import Ledger, copies_of
from rehearsal.drills.mail_server import NothingAcceptedError
from rehearsal.drills.outage import MAIL_SERVER
from rehearsal.drills.settling import Settling
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.queue import look
from rehearsal.gateway.target import NoAnswerError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica

_MAILS = 3


def dies_unrecorded(replica: Replica, gateway: Gateway) -> tuple[Account, int]:
    """Return what became of the mails, and how many of them were on record as sent when the worker died.

    Raises NothingAcceptedError, ReplicaError, TargetError.
    """
    ledger, limit = Ledger(), gateway.http.timeout_seconds
    ledger.now = "the mail server kept the worker waiting"
    replica.pause(MAIL_SERVER)
    try:
        with Http(replica, gateway.http) as http:
            for _ in range(_MAILS):
                ledger.offer(http)
        with suppress(DeadlineError):
            wait_until(lambda: look(replica, gateway.queue).jobs["active"], what="mails in hand", timeout=limit)
        replica.stop("redis")
        since = time.time()
    finally:
        replica.resume(MAIL_SERVER)
    accepted = [one for one in ledger.entries if one.accepted]
    if not accepted:
        raise NothingAcceptedError("expected the API to accept mails, it accepted none: nothing can be said of them")
    on_record = _await_record(replica, gateway, ledger)
    replica.kill("worker")
    replica.start("redis")
    replica.start("worker")
    account = Settling(replica, gateway, ledger).settle((since, time.time()))
    return account, on_record


def _await_record(replica: Replica, gateway: Gateway, ledger: Ledger) -> int:
    """Wait until the API calls each mail that arrived sent, note it, and return how many it does."""
    deadline = time.monotonic() + gateway.http.timeout_seconds
    while time.monotonic() < deadline:
        mails = tuple(replica.mails())
        open_ones = [one for one in ledger.entries if one.accepted and not one.sent_on_record]
        with Http(replica, gateway.http) as http:
            for one in open_ones:
                with suppress(NoAnswerError):
                    if copies_of(one, mails) and http.state_of(one.ids[0]) == "sent":
                        ledger.note_sent(one.key)
        if not open_ones:
            break
        time.sleep(0.1)
    return sum(bool(one.sent_on_record) for one in ledger.entries)
