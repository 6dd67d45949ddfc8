"""Sabotage of both restores: of the document, of the scripts, of the gateway itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.backups.test_restore_postgres import test_postgres_comes_back as postgres_comes_back
from checks.backups.test_restore_redis import test_redis_comes_back as redis_comes_back
from rehearsal.drills.stores import partial_damage, total_loss
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

DISASTERS = {"loss": total_loss, "damage": partial_damage}
DRILLS = {"PostgreSQL": postgres_comes_back, "Redis": redis_comes_back}
PIPE = (
    "gunzip -c ./backups/email-gateway-daily-YYYYMMDD-HHMMSS.sql.gz | \\\n"
    "docker-compose exec -T postgres psql -U postgres -d email_gateway"
)
COPY = (
    "docker-compose stop redis\n"
    "tar -xzf ./redis-backups/redis-backup-YYYYMMDD-HHMMSS.tar.gz\n"
    "cp redis-backup-YYYYMMDD-HHMMSS/*.rdb ./redis-data/\n"
    "docker-compose start redis"
)
RESTORE_POSTGRES = "./scripts/restore-postgres.sh ./backups/email-gateway-daily-YYYYMMDD-HHMMSS.sql.gz"
RESTORE_REDIS = "./scripts/restore-redis.sh ./redis-backups/redis-backup-YYYYMMDD-HHMMSS.tar.gz"


@dataclass(frozen=True)
class Sabotage:
    """One change to a file of the gateway directory, and what it must lead to."""

    store: str
    disaster: str
    file: str
    old: str
    new: str
    expected: Outcome
    words: str
    """Part of the message of the worst finding."""


SABOTAGES = {
    "postgres: a restore that restores nothing": Sabotage(
        "PostgreSQL",
        "loss",
        "RUNBOOK.md",
        RESTORE_POSTGRES,
        "echo restaurado",
        Outcome.CRITICAL,
        "did not bring it back",
    ),
    "postgres: a pipe that swallows errors, over a damaged database": Sabotage(
        "PostgreSQL", "damage", "RUNBOOK.md", RESTORE_POSTGRES, PIPE, Outcome.CRITICAL, "did not bring it back"
    ),
    "postgres: a backup without rows": Sabotage(
        "PostgreSQL",
        "damage",
        "scripts/backup-postgres.sh",
        "pg_dump --no-password",
        "pg_dump --schema-only --no-password",
        Outcome.CRITICAL,
        "did not bring it back",
    ),
    "postgres: a backup that is written as INSERTs": Sabotage(
        "PostgreSQL",
        "loss",
        "scripts/backup-postgres.sh",
        "pg_dump --no-password",
        "pg_dump --inserts --rows-per-insert=500 --no-password",
        Outcome.OK,
        "",
    ),
    "postgres: a backup without grants, of a gateway that has none": Sabotage(
        "PostgreSQL",
        "loss",
        "scripts/backup-postgres.sh",
        "pg_dump --no-password",
        "pg_dump --no-owner --no-privileges --no-password",
        Outcome.WARNING,
        "grants that the drill had planted did not come back",
    ),
    "postgres: a backup under another name": Sabotage(
        "PostgreSQL",
        "damage",
        "RUNBOOK.md",
        "./scripts/backup-postgres.sh daily 7 ./backups",
        "./scripts/backup-postgres.sh weekly 7 ./backups",
        Outcome.CRITICAL,
        "found none",
    ),
    "postgres: nobody starts the worker again": Sabotage(
        "PostgreSQL",
        "damage",
        "RUNBOOK.md",
        "docker-compose start worker\ndocker-compose restart nginx",
        "docker-compose restart nginx",
        Outcome.CRITICAL,
        "after the restore",
    ),
    "postgres: an objective that no restore can meet": Sabotage(
        "PostgreSQL", "damage", "gateway.toml", "rto_hours = 4", "rto_hours = 0.000001", Outcome.CRITICAL, "RTO"
    ),
    "redis: an RDB copied below a server with AOF": Sabotage(
        "Redis", "loss", "RUNBOOK.md", RESTORE_REDIS, COPY, Outcome.CRITICAL, "did not bring it back"
    ),
    "redis: the same over a damaged server": Sabotage(
        "Redis", "damage", "RUNBOOK.md", RESTORE_REDIS, COPY, Outcome.CRITICAL, "did not bring it back"
    ),
    "redis: a backup script that only says success": Sabotage(
        "Redis",
        "damage",
        "RUNBOOK.md",
        './scripts/backup-redis.sh localhost 6379 "" ./redis-backups 7',
        "echo backup pronto",
        Outcome.CRITICAL,
        "found none",
    ),
    "redis: a worker that does not ask whether a mail is sent": Sabotage(
        "Redis",
        "loss",
        "app/delivery.py",
        "return Claim(outbox_id, row[0],",
        'return Claim(outbox_id, "queued",',
        Outcome.CRITICAL,
        "arrived",
    ),
    "redis: a restore that processes cannot show": Sabotage(
        "Redis",
        "loss",
        "RUNBOOK.md",
        RESTORE_REDIS,
        "docker run -d --name restoring redis:7",
        Outcome.UNKNOWN,
        "has no meaning in this kind of replica",
    ),
    "postgres: an API that forgets idempotency keys": Sabotage(
        "PostgreSQL",
        "damage",
        "app/api.py",
        "key = read_key(request.headers)",
        "key = __import__('uuid').uuid4().hex",
        Outcome.CRITICAL,
        "idempotency key",
    ),
    "postgres: an API that accepts and keeps no record": Sabotage(
        "PostgreSQL",
        "damage",
        "app/api.py",
        "        if new:\n            await self._enqueue(str(outbox_id))\n",
        "        outbox_id = __import__('uuid').uuid4()\n",
        Outcome.CRITICAL,
        "on record",
    ),
    "postgres: an API that never says that a mail is sent": Sabotage(
        "PostgreSQL",
        "damage",
        "app/outbox.py",
        '"state": row[0],',
        '"state": "queued",',
        Outcome.CRITICAL,
        "the API to say",
    ),
    "redis: a step that fails while the data comes back": Sabotage(
        "Redis",
        "damage",
        "RUNBOOK.md",
        RESTORE_REDIS,
        f"{RESTORE_REDIS}\ncp ./redis-data/*.aof ./redis-backups/",
        Outcome.WARNING,
        "*.aof",
    ),
}


@pytest.fixture
def broken(sabotage: Sabotage, tmp_path: Path) -> Iterator[Judge]:
    """A judge of a replica whose gateway directory has one change."""
    with sabotaged(tmp_path, (sabotage.file, sabotage.old, sabotage.new)) as judge:
        yield judge


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotaged_restore_is_seen(sabotage: Sabotage, broken: Judge) -> None:
    """Whatever keeps the data or the mails from coming back right is a finding that says so."""
    seen = broken(DRILLS[sabotage.store], disaster=DISASTERS[sabotage.disaster])
    assert seen.outcome is sabotage.expected, seen.message
    said = [finding.message for finding in seen.record.findings if finding.outcome is sabotage.expected]
    assert sabotage.expected is Outcome.OK or any(sabotage.words in message for message in said), said
