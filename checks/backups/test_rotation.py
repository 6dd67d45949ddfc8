"""Section "Backups Automáticos": how long each kind of backup is kept, and who makes it when."""

from __future__ import annotations

import pytest

from rehearsal.drills.sides import postgres_side, redis_side
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.backups import backup_drill
from rehearsal.plugin.rotation import verify_other_ways, verify_rotation
from rehearsal.plugin.schedule import verify_schedule
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

POSTGRES = {"backup": "Backup Manual do PostgreSQL", "restore": "Restaurar PostgreSQL"}
REDIS = {"backup": "Backup Manual do Redis", "restore": "Restaurar Redis"}


@pytest.mark.drill
@pytest.mark.section("Backups Automáticos", "PostgreSQL")
def test_postgres_backups_are_kept(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Backups of each kind are kept as long as promised and no longer: what is deleted early can't be restored."""
    verify_rotation(backup_drill(replica, gateway, runbook, evidence, postgres_side(gateway), **POSTGRES))


@pytest.mark.drill
@pytest.mark.section("Backups Automáticos", "Redis")
def test_redis_backups_are_kept(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Backups of Redis are kept as long as promised and no longer: what is deleted early can't be restored."""
    verify_rotation(backup_drill(replica, gateway, runbook, evidence, redis_side(gateway), **REDIS))


@pytest.mark.drill
@pytest.mark.section("Backups Automáticos", "PostgreSQL")
def test_other_backups_take_nothing_away(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """A backup that another section makes, such as before an update, deletes none that is still promised."""
    verify_other_ways(backup_drill(replica, gateway, runbook, evidence, postgres_side(gateway), **POSTGRES), runbook)


@pytest.mark.drill
@pytest.mark.section("Backups Automáticos", "PostgreSQL")
def test_schedule_makes_backups(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """What cron runs by itself makes the promised backups, though it has no more than a bare environment."""
    drill = backup_drill(replica, gateway, runbook, evidence, postgres_side(gateway), **POSTGRES)
    verify_schedule(drill, runbook)


@pytest.mark.drill
@pytest.mark.section("Backups Automáticos", "Redis")
def test_schedule_makes_redis_backups(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """What cron runs by itself makes backups of Redis, where the runbook promises them at an hour and not on demand."""
    drill = backup_drill(replica, gateway, runbook, evidence, redis_side(gateway), **REDIS)
    verify_schedule(drill, runbook)
