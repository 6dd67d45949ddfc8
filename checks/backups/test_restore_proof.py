"""Section "Backups Automáticos": the script that tries backups is believed, so it must be able to fail."""

from __future__ import annotations

import pytest

from rehearsal.drills.sides import postgres_side, redis_side
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.backups import backup_drill
from rehearsal.plugin.restore_proof import verify_proofs
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

POSTGRES = {"backup": "Backup Manual do PostgreSQL", "restore": "Restaurar PostgreSQL"}
REDIS = {"backup": "Backup Manual do Redis", "restore": "Restaurar Redis"}


@pytest.mark.drill
@pytest.mark.section("Backups Automáticos", "PostgreSQL")
def test_proof_of_postgres_restores_can_fail(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """The script that restores dumps to try them tells a bad one from a good one, as nobody else tries them."""
    verify_proofs(backup_drill(replica, gateway, runbook, evidence, postgres_side(gateway), **POSTGRES), runbook)


@pytest.mark.drill
@pytest.mark.section("Backups Automáticos", "Redis")
def test_proof_of_redis_restores_can_fail(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """The script that tries backups of Redis tells a bad one from a good one, as nobody else tries them."""
    verify_proofs(backup_drill(replica, gateway, runbook, evidence, redis_side(gateway), **REDIS), runbook)
