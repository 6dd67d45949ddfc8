"""Sections "Restaurar PostgreSQL" and "Restaurar Redis": backups that are no good."""

from __future__ import annotations

import pytest

from rehearsal.content import queue, redis_values
from rehearsal.content.postgres_values import RICH as RICH_ROWS
from rehearsal.drills.bad_backups import BadBackupDrill
from rehearsal.drills.bad_kinds import (
    altered_postgres,
    climbing_redis,
    damaged_postgres,
    damaged_redis,
    foreign_postgres,
    hostile_postgres,
)
from rehearsal.drills.postgres_store import PostgresStore
from rehearsal.drills.redis_store import RedisContent, RedisStore
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin import Record
from rehearsal.plugin.trials import judge_trial
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure

pytestmark = pytest.mark.drill
RICH_KEYS = RedisContent(redis_values.RICH, queue.RICH)


def _postgres(replica: Replica, gateway: Gateway, runbook: Runbook) -> BadBackupDrill:
    backup, restore = procedure(runbook, "Backup Manual do PostgreSQL"), procedure(runbook, "Restaurar PostgreSQL")
    return BadBackupDrill(PostgresStore(gateway.postgres.changing), replica, gateway, backup, restore)


def _redis(replica: Replica, gateway: Gateway, runbook: Runbook) -> BadBackupDrill:
    backup, restore = procedure(runbook, "Backup Manual do Redis"), procedure(runbook, "Restaurar Redis")
    return BadBackupDrill(RedisStore(gateway.queue, gateway.redis.changing), replica, gateway, backup, restore)


@pytest.mark.section("Restaurar PostgreSQL")
def test_damaged_postgres_backup_costs_nothing(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """A damaged dump is refused before anything is lost, because whoever restores has no second database to lose."""
    drill = _postgres(replica, gateway, runbook)
    cases = (*damaged_postgres(), *altered_postgres(replica, gateway, RICH_ROWS))
    judge_trial(drill.rehearse(RICH_ROWS, cases), drill, evidence)


@pytest.mark.section("Restaurar PostgreSQL")
def test_foreign_postgres_backup_costs_nothing(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """A dump of another database is refused or restored alone, because a mixture of two is worth neither."""
    drill = _postgres(replica, gateway, runbook)
    cases = foreign_postgres(replica, gateway, RICH_ROWS)
    judge_trial(drill.rehearse(RICH_ROWS, cases), drill, evidence)


@pytest.mark.section("Restaurar PostgreSQL")
def test_dump_runs_no_program(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A restore runs no program that the dump names, because who can write to the backups is not yet the operator."""
    if replica.isolation == "plain":
        msg = "what a hostile dump runs would run on this machine: nothing isolates a plain replica from it"
        raise NotOnThisTargetError(msg)
    drill = _postgres(replica, gateway, runbook)
    judge_trial(drill.rehearse(RICH_ROWS, hostile_postgres(replica, gateway)), drill, evidence)


@pytest.mark.section("Restaurar Redis")
def test_damaged_redis_backup_costs_nothing(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """A damaged archive is refused before anything is lost, because the queue that runs is better than none."""
    drill = _redis(replica, gateway, runbook)
    judge_trial(drill.rehearse(RICH_KEYS, damaged_redis()), drill, evidence)


@pytest.mark.section("Restaurar Redis")
def test_archive_writes_nowhere_else(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A restore writes no file outside of its folder, whatever the archive names, because root unpacks it."""
    if replica.isolation == "plain":
        msg = "what an archive writes outside of its folder would lie on this machine, from which nothing isolates"
        raise NotOnThisTargetError(msg)
    drill = _redis(replica, gateway, runbook)
    judge_trial(drill.rehearse(RICH_KEYS, climbing_redis(replica, gateway)), drill, evidence)
