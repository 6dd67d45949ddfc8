"""Section "Restaurar PostgreSQL", after an update: the backup that is at hand is from before it."""

from __future__ import annotations

import pytest

from rehearsal.drills.older_schema import restore_after_update
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure

HEADING = "Restaurar PostgreSQL"


@pytest.mark.drill
@pytest.mark.section(HEADING)
def test_older_backup_gets_the_schema_of_today(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """A backup of before an update gets its migrations again, because the code that runs on it is the new one."""
    restore = procedure(runbook, HEADING)
    seen = restore_after_update(replica, gateway, runbook, procedure(runbook, "Atualizar Código"), restore)
    evidence.ran_all(seen.restore)
    source = evidence.source(restore.place)
    if not seen.replaced:
        evidence.unknown(
            "after the restore there still was what had been written behind the backup: what its schema lacks was not"
            " seen",
            source=source,
        )
    elif seen.migrated:
        evidence.saw("a backup of before the last migration was restored, and has what that migration makes")
    else:
        evidence.warning(
            "a backup of before the last migration was restored, and nothing applied that migration again: the code of"
            " after it runs on the schema of before",
            action="apply migrations behind the restore, as the update does",
            source=source,
        )
