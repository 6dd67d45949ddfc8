"""What a live host's own backups are worth: restored into a fresh replica, while the host is only read."""

from __future__ import annotations

import pytest

from rehearsal.drills.live_backups import LiveBackups
from rehearsal.plugin import Record
from rehearsal.plugin.live_postgres import verify_postgres
from rehearsal.plugin.live_redis import verify_redis


@pytest.mark.drill
@pytest.mark.section("Restaurar PostgreSQL")
def test_live_postgres_backup_restores(live_backups: LiveBackups, evidence: Record) -> None:
    """The newest dump on the live host brings back all that the live database has, for it is what a disaster leaves."""
    verify_postgres(
        backups=live_backups, evidence=evidence, backup="Backup Manual do PostgreSQL", heading="Restaurar PostgreSQL"
    )


@pytest.mark.drill
@pytest.mark.section("Restaurar Redis")
def test_live_redis_backup_restores(live_backups: LiveBackups, evidence: Record) -> None:
    """The newest backup of Redis on the live host brings back its keys and jobs, for they are the mail that waits."""
    verify_redis(live_backups, evidence, backup="Backup Manual do Redis", heading="Restaurar Redis")
