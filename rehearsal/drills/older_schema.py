"""A backup of before an update, restored after it: the code is the new one, and the schema that it needs is not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psycopg import sql

from rehearsal.drills.steps import Steps
from rehearsal.drills.update import has_table, update
from rehearsal.gateway.compose_file import compose_file
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook

_MIGRATES = re.compile(r"migra|alembic|flyway|prisma|knex|sequelize", re.IGNORECASE)
_STARTERS = ("Dockerfile*", "*/Dockerfile*", "*entrypoint*", "*/*entrypoint*")


@dataclass(frozen=True, slots=True)
class OlderSchema:
    """What was restored after an update that had migrated."""

    restore: ProcedureRun
    replaced: bool
    """Whether what was written behind the backup is gone: else nothing was restored, or it was laid over the rest."""
    migrated: bool
    """Whether the table of the new migration is there afterwards."""


def restore_after_update(
    replica: Replica, gateway: Gateway, runbook: Runbook, renewal: Procedure, restore: Procedure
) -> OlderSchema:
    """Update by the runbook, which backs up before it migrates, and restore that backup by the runbook.

    Raises NotOnThisTargetError where an update leaves no backup without its migration, or the API may migrate when it
    starts; TargetError, RunbookError, NoBackupError, DeadlineError.
    """
    if starter := _migrates_when_it_starts(gateway):
        msg = f"{starter} speaks of migrations: a container may apply them when it starts, which a replica does not"
        raise NotOnThisTargetError(msg)
    seen = update(replica, gateway, runbook, renewal, breaks=False)
    if not seen.migrated or not seen.backups or seen.late_backups:
        msg = "the update by the runbook left no backup from before a migration that it applied"
        raise NotOnThisTargetError(msg)
    steps, later = Steps(replica, gateway), f"{seen.token}_later"
    with replica.postgres() as connection:
        connection.execute(sql.SQL("CREATE TABLE {} ()").format(sql.Identifier(later)))
    run = steps.run(restore)
    steps.wait_ready()
    return OlderSchema(run, not has_table(replica, later), has_table(replica, seen.token))


def _migrates_when_it_starts(gateway: Gateway) -> str:
    """Return the name of a file by which containers are started and that speaks of migrations; empty for none."""
    composed = compose_file(gateway.directory)
    files = [*([composed] if composed else []), *(one for name in _STARTERS for one in gateway.directory.glob(name))]
    return next(
        (file.name for file in files if file.is_file() and _MIGRATES.search(file.read_text(errors="replace"))), ""
    )
