"""Sections "Restaurar PostgreSQL" and "Restaurar Redis", while clients go on: nobody tells them to wait."""

from __future__ import annotations

import pytest

from rehearsal.drills.busy_restore import BusyRestoreDrill
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.busy_restore import judge_busy_restore
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure


@pytest.mark.drill
@pytest.mark.section("Restaurar PostgreSQL")
def test_postgres_restore_loses_no_new_mail(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """No mail that is accepted while PostgreSQL is restored is lost, because its sender was told that it is in hand."""
    _verify(replica, gateway, runbook, evidence, "PostgreSQL")


@pytest.mark.drill
@pytest.mark.section("Restaurar Redis")
def test_redis_restore_loses_no_new_mail(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """No mail that is accepted while Redis is restored is lost, because its sender was told that it is in hand."""
    _verify(replica, gateway, runbook, evidence, "Redis")


def _verify(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record, store: str) -> None:
    backup, restore = procedure(runbook, f"Backup Manual do {store}"), procedure(runbook, f"Restaurar {store}")
    drill = BusyRestoreDrill(replica, gateway, backup, restore)
    judge_busy_restore(drill.rehearse(), drill, evidence)
