"""Section "Backup Manual do PostgreSQL": the file that the block leaves, and what it does when it can't leave one."""

from __future__ import annotations

import pytest

from rehearsal.drills.sides import postgres_side
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.backup_troubles import verify_troubles
from rehearsal.plugin.backups import BackupDrill, backup_drill
from rehearsal.plugin.two_at_once import verify_two_at_once
from rehearsal.plugin.whole_backups import verify_backup
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

pytestmark = [pytest.mark.drill, pytest.mark.section("Backup Manual do PostgreSQL")]


def test_postgres_backup_is_whole_and_private(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """A backup made while mails come in is whole, of one moment, and for its owner's eyes only: it holds all mails."""
    drill = _drill(replica, gateway, runbook, evidence)
    verify_backup(drill, runbook)
    verify_two_at_once(drill)


def test_failed_postgres_backup_is_loud(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A backup that fails says so and leaves nothing that looks like one, or nobody will know until it is needed."""
    verify_troubles(_drill(replica, gateway, runbook, evidence))


def _drill(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> BackupDrill:
    headings = {"backup": "Backup Manual do PostgreSQL", "restore": "Restaurar PostgreSQL"}
    return backup_drill(replica, gateway, runbook, evidence, postgres_side(gateway), **headings)
