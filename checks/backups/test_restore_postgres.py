"""Section "Restaurar PostgreSQL": what a backup promises is worth what comes back."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from fixtures.drills import DRILL
from rehearsal.content.postgres import PostgresContent
from rehearsal.content.postgres_values import RICH, contents
from rehearsal.drills.postgres_store import PostgresStore
from rehearsal.drills.restore import RestoreDrill
from rehearsal.drills.stores import Disaster, growth, partial_damage, total_loss
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.recovery import rehearse
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure


@pytest.mark.drill
@pytest.mark.section("Restaurar PostgreSQL")
@pytest.mark.parametrize("disaster", [total_loss, partial_damage], ids=["total-loss", "partial-damage"])
@DRILL
@example(planted=RICH)
@given(planted=contents())
def test_postgres_comes_back(
    disaster: Disaster,
    planted: PostgresContent,
    replica: Replica,
    gateway: Gateway,
    runbook: Runbook,
    evidence: Record,
) -> None:
    """What PostgreSQL held at the backup comes back by the runbook, because a backup is worth what it restores."""
    backup, restore = procedure(runbook, "Backup Manual do PostgreSQL"), procedure(runbook, "Restaurar PostgreSQL")
    store = PostgresStore(gateway.postgres.changing)
    rehearse(RestoreDrill(store, replica, gateway, backup, restore), disaster, planted, evidence)


@pytest.mark.drill
@pytest.mark.section("Restaurar PostgreSQL")
def test_named_postgres_backup_comes_back(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """The named backup comes back, not the newest, and nothing later beside it, because it was chosen."""
    backup, restore = procedure(runbook, "Backup Manual do PostgreSQL"), procedure(runbook, "Restaurar PostgreSQL")
    store = PostgresStore(gateway.postgres.changing)
    rehearse(RestoreDrill(store, replica, gateway, backup, restore, older=True), growth, RICH, evidence)
