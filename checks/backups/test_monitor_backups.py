"""Section "Scripts de Monitoramento": the script that watches the backups is believed, so it must say what is wrong."""

from __future__ import annotations

import pytest

from rehearsal.drills.sides import postgres_side, redis_side
from rehearsal.drills.statuses import status_of
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.backups import backup_drill
from rehearsal.plugin.monitor_backups import monitor_of_backups, verify_monitor
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

HEADING = "Scripts de Monitoramento"
POSTGRES = {"backup": "Backup Manual do PostgreSQL", "restore": "Restaurar PostgreSQL"}
REDIS = {"backup": "Backup Manual do Redis", "restore": "Restaurar Redis"}


@pytest.mark.drill
@pytest.mark.section(HEADING)
def test_monitor_names_bad_backups(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """The backups' monitor tells a backup that is missing, old or cut off from a good one: nobody else looks daily."""
    script = monitor_of_backups(runbook)
    drills = [
        backup_drill(replica, gateway, runbook, evidence, postgres_side(gateway), **POSTGRES),
        backup_drill(replica, gateway, runbook, evidence, redis_side(gateway), **REDIS),
    ]
    verify_monitor(script, drills, replica, evidence, status_of(runbook, HEADING))
