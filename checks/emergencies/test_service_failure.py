"""The sections of "Falha de Serviço": each service fails, and comes back by the runbook."""

from __future__ import annotations

import pytest

from rehearsal.damage.services import FULL, HUNG, KILLED, REFUSING, SLOW, STOPPED
from rehearsal.drills.denied import ask_without_database
from rehearsal.drills.same_key import hand_in_another, hand_in_at_once, hand_in_under_long_keys
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.outages import judge_denied, rehearse_outages
from rehearsal.plugin.same_key import judge_another, judge_at_once, judge_long_keys
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

pytestmark = pytest.mark.drill


@pytest.mark.section("API Indisponível")
def test_api_comes_back(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """An API that dies, hangs or is down is noticed, comes back by the steps, and no mail is lost or sent twice."""
    rehearse_outages("api", (KILLED, HUNG, STOPPED, SLOW), replica, gateway, runbook, evidence)


@pytest.mark.section("API Indisponível")
def test_mail_handed_in_at_once_is_one(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """A mail that comes several times at once under its key is one, because clients ask a slow API again."""
    judge_at_once(hand_in_at_once(replica, gateway), evidence)


@pytest.mark.section("API Indisponível")
def test_other_mail_under_a_used_key_is_not_forgotten(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """Another mail under a used key is refused or sent, because one that is only called accepted is lost unheard."""
    judge_another(hand_in_another(replica, gateway), evidence)


@pytest.mark.section("API Indisponível")
def test_mails_under_long_keys_are_told_apart(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """Mails whose keys differ at their end are each sent, because a key that is cut off makes two mails one."""
    for seen in hand_in_under_long_keys(replica, gateway):
        judge_long_keys(seen, evidence)


@pytest.mark.section("Worker Parado")
def test_worker_comes_back(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A worker that dies, hangs or is down is noticed, comes back by the steps, and sends once what waited."""
    rehearse_outages("worker", (KILLED, HUNG, STOPPED, SLOW), replica, gateway, runbook, evidence)


@pytest.mark.section("Banco de Dados Indisponível")
def test_database_comes_back(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A database that dies, hangs, is down or full is noticed, comes back by the steps, and costs no accepted mail."""
    rehearse_outages("postgres", (KILLED, HUNG, STOPPED, FULL, SLOW), replica, gateway, runbook, evidence)


@pytest.mark.section("Banco de Dados Indisponível")
def test_accepted_mail_is_not_denied(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """Without its database the API denies no mail that it has accepted, or its client hands that in again."""
    judge_denied(ask_without_database(replica, gateway), evidence)


@pytest.mark.section("Redis Indisponível")
def test_redis_comes_back(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A Redis that dies, hangs, is down or takes no writes is noticed, comes back by the steps, and costs no mail."""
    # Who makes jobs of mails that had none reads them from PostgreSQL: its connection was lost once, as by maintenance.
    manners = (KILLED, HUNG, STOPPED, REFUSING, SLOW)
    rehearse_outages("redis", manners, replica, gateway, runbook, evidence, restarted="postgres")
