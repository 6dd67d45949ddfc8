"""A worker that is stopped, as it is for an update, while the mail server takes its time over a mail."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from rehearsal.drills.invariants import Account
from rehearsal.drills.ledger import Ledger
from rehearsal.drills.mail_server import ELSEWHERE
from rehearsal.drills.outage import MAIL_SERVER
from rehearsal.drills.settling import Settling
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.processes.sink import SLOW, SLOW_SECONDS
from rehearsal.replica.protocol import Replica

_LINES = 1000


@dataclass(frozen=True, slots=True)
class Midway:
    """What became of the mail."""

    account: Account
    met: bool
    """Whether the mail server had the mail in hand when the worker was stopped."""
    stopped_in: float
    """Seconds that the worker took to stop."""

    @property
    def copies(self) -> int:
        """How many arrived."""
        return len(self.account.copies(self.account.entries[0]))


def stop_midway(replica: Replica, gateway: Gateway) -> Midway:
    """Stop and start the worker while a mail is on its way. Raises ReplicaError, TargetError."""
    ledger, to = Ledger(), f"{SLOW}{uuid.uuid4().hex[:12]}@{ELSEWHERE}"
    ledger.now = "the worker was stopped"
    with Http(replica, gateway.http) as http:
        ledger.demand(http, to=to)
    met, began = _met(replica, gateway, to), time.time()
    replica.stop("worker")
    stopped = time.time()
    # What the mail server has begun it ends, whoever has gone.
    time.sleep(max(began + SLOW_SECONDS - stopped, 0))
    replica.start("worker")
    return Midway(Settling(replica, gateway, ledger).settle((began, time.time())), met, stopped - began)


def _met(replica: Replica, gateway: Gateway, to: str) -> bool:
    try:
        return wait_until(
            lambda: to in replica.logs(MAIL_SERVER, _LINES),
            what="the mail server to have the mail in hand",
            timeout=gateway.objectives.queue_age_p95_seconds,
            pause=0.05,
        )
    except DeadlineError:
        return False
