"""Sections "Restaurar PostgreSQL" and "Restaurar Redis", one after the other: what came back fits together."""

from __future__ import annotations

import pytest

from rehearsal.drills.agreement import AgreementDrill, StoreProcedures
from rehearsal.drills.old_mails import lose_queue_of_old_mail
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.rejoined import judge_agreement, judge_old_mail
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure


@pytest.mark.drill
@pytest.mark.section("Restaurar Redis")
@pytest.mark.parametrize("older", ["neither", "redis", "postgres"], ids="older-{}".format)
def test_restored_stores_agree(
    older: str, replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """After both restores each mail is known and sent once, because nobody can restore both to the same moment."""
    first, second = (
        StoreProcedures(
            service, procedure(runbook, f"Backup Manual do {name}"), procedure(runbook, f"Restaurar {name}")
        )
        for service, name in sorted((("postgres", "PostgreSQL"), ("redis", "Redis")), reverse=older == "redis")
    )
    drill = AgreementDrill(replica, gateway, first, second, apart=older != "neither")
    judge_agreement(drill.rehearse(), drill, evidence)


@pytest.mark.drill
@pytest.mark.section("Restaurar Redis")
def test_old_mails_get_their_jobs_back(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A mail that has long waited when the queue is lost is sent, because a restored backup holds such mails."""
    source = evidence.source(procedure(runbook, "Restaurar Redis").place)
    judge_old_mail(lose_queue_of_old_mail(replica, gateway), gateway, source, evidence)
