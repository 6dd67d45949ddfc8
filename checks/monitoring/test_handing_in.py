"""Section "Alertas e Thresholds": how long who hands in a mail waits for the answer, alone or with many others."""

from __future__ import annotations

import statistics
import uuid

import pytest

from rehearsal.drills.burst import MANY, hand_in_at_once
from rehearsal.drills.settling import Settling
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import ACCEPTED, Http
from rehearsal.gateway.target import NotOnThisTargetError, TargetError
from rehearsal.plugin import Record
from rehearsal.plugin.outages import judge_account
from rehearsal.plugin.rows import judge_row
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, threshold


@pytest.mark.drill
@pytest.mark.section("Alertas e Thresholds")
def test_mails_are_taken_in_time(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A mail is taken as fast as the table asks of the API, because a health endpoint says nothing of that."""
    row, seconds = threshold(runbook, "Latência API"), list[float]()
    with Http(replica, gateway.http) as http:
        for number in range(gateway.http.latency_requests):
            answer = http.hand_in("recipient@example.com", f"mail {number}", "text", str(uuid.uuid4()))
            if answer.status not in ACCEPTED:
                msg = f"expected POST {answer.url} to take a mail, got {answer.found}"
                raise TargetError(msg)
            seconds.append(answer.seconds)
    # Of a busy machine the slowest ones would tell; half of them tell of the gateway.
    median = statistics.median(seconds)
    judge_row(evidence, runbook, row, {"s": median, "ms": 1000 * median}, f"handing in, median of {len(seconds)} mails")


@pytest.mark.drill
@pytest.mark.section("Alertas e Thresholds")
def test_stores_have_room_for_many_at_once(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """PostgreSQL and Redis have a connection for all who come when many mails do, or it is the good days that fail."""
    seen = hand_in_at_once(replica, gateway)
    action = "give the store more connections than API, worker and scripts can have together, or their pools fewer"
    if seen.by_postgres:
        message = f"when {MANY} mails came at once PostgreSQL refused {seen.by_postgres} connections: {seen.last}"
        evidence.critical(message, action=action)
    if seen.by_redis:
        evidence.critical(f"when {MANY} mails came at once Redis refused {seen.by_redis} connections", action=action)
    if seen.taken < MANY / 2 and not seen.by_postgres and not seen.by_redis:
        msg = f"of {MANY} mails that came at once {seen.taken} were let in: what many do to the stores was not seen"
        raise NotOnThisTargetError(msg)
    evidence.saw("first answers: " + ", ".join(f"{status or 'none'} ({n})" for status, n in seen.answers.items()))
    judge_account(
        Settling(replica, gateway, seen.ledger).settle(), f"{MANY} mails came at once", evidence, action=action
    )
