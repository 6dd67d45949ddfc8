"""Sections "Restaurar PostgreSQL" and "Restaurar Redis", while clients go on: nobody tells them to wait."""

from __future__ import annotations

import pytest

from rehearsal.drills.busy_restore import BusyRestoreDrill
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.busy_restore import judge_busy_restore
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure

pytestmark = pytest.mark.drill


@pytest.mark.parametrize(
    "store",
    [pytest.param(one, marks=pytest.mark.section(f"Restaurar {one}"), id=one) for one in ("PostgreSQL", "Redis")],
)
def test_restore_loses_no_new_mail(
    store: str, replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """No mail that is accepted while a store is restored is lost, because its sender was told that it is in hand."""
    backup, restore = procedure(runbook, f"Backup Manual do {store}"), procedure(runbook, f"Restaurar {store}")
    drill = BusyRestoreDrill(replica, gateway, backup, restore)
    judge_busy_restore(drill.rehearse(), drill, evidence)
