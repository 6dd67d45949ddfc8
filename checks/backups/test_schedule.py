"""Section "Backups Automáticos", seen every morning: last night's backup is there, and backups are known to restore."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import Target
from rehearsal.plugin import Record
from rehearsal.plugin.freshness import verify_freshness, verify_proven
from rehearsal.results.model import Result
from rehearsal.runbook import Runbook

pytestmark = [pytest.mark.daily]
POSTGRES = {"backup": "Backup Manual do PostgreSQL", "restore": "Restaurar PostgreSQL"}
REDIS = {"backup": "Backup Manual do Redis", "restore": "Restaurar Redis"}


@pytest.mark.section("Backups Automáticos", "PostgreSQL")
def test_postgres_backup_is_fresh(target: Target, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """The newest dump was made at its hour and is no older than promised: all that came later is lost with the disk."""
    verify_freshness(target, gateway, runbook, evidence, "PostgreSQL", **POSTGRES)


@pytest.mark.section("Backups Automáticos", "Redis")
def test_redis_backup_is_fresh(target: Target, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """There is a backup of Redis, as new as promised, because the queue is the mail that is not yet sent."""
    verify_freshness(target, gateway, runbook, evidence, "Redis", **REDIS)


@pytest.mark.section("Backups Automáticos", "PostgreSQL")
def test_postgres_restore_is_proven(
    target: Target, runbook: Runbook, evidence: Record, earlier: Iterable[Result]
) -> None:
    """A backup was restored within the promised interval, because one that was never restored is a hope."""
    verify_proven(target, runbook, evidence, earlier, "PostgreSQL", "Restaurar PostgreSQL")
