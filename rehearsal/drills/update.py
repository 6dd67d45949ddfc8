"""An update of the gateway's code from a git remote, by the runbook: what runs afterwards, and what the schema is."""

from __future__ import annotations

import secrets
import shlex
from contextlib import suppress
from dataclasses import dataclass, field

from rehearsal.drills.backups import folder_of_backups
from rehearsal.drills.mails import Mails
from rehearsal.drills.new_code import announcing, migration_like, publish, remote_of
from rehearsal.drills.placeholders import fill_in
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.patience import run_patiently
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook
from rehearsal.snapshot import Difference
from rehearsal.snapshot import postgres as postgres_snapshot

_LOG_LINES = 400


@dataclass
class Update:
    """What an update came to."""

    run: ProcedureRun
    token: str
    """Stands in the new code and in the new migration."""
    migrated: bool | None
    """Whether the new table is there; None for a gateway without migrations."""
    running: dict[str, bool]
    """Of each service whose new code says that it runs, whether it has said so."""
    differences: list[Difference] = field(default_factory=list)
    """In PostgreSQL, but for what the migration itself makes."""
    backups: list[str] = field(default_factory=list)
    """Made during the update."""
    late_backups: list[str] = field(default_factory=list)
    """Those of them that already have the new table."""
    problems: list[str] = field(default_factory=list)
    """What did not work afterwards."""


def update(replica: Replica, gateway: Gateway, runbook: Runbook, written: Procedure, *, breaks: bool) -> Update:
    """Publish a commit with new code and a migration, and run the section; a migration that `breaks` fails half way.

    Raises TargetError, NotOnThisTargetError, RunbookError, SnapshotError.
    """
    limit = gateway.replica.command_timeout_seconds
    commands = fill_in(replica, written.commands, gateway.placeholders, timeout=limit)
    remote, branch = remote_of("\n".join(command.text for command in commands), runbook, written)
    if not replica.run_script("command -v git", timeout=limit).ok:
        msg = "git is not in this replica: new code can't come from a remote"
        raise NotOnThisTargetError(msg)
    token = f"rehearsal_{secrets.token_hex(4)}"
    changed = announcing(gateway, token)
    migration = migration_like(gateway, token, breaks=breaks)
    mails = Mails(replica, gateway)
    sent = mails.deliver("a mail sent before the update")
    # Its row learns a moment later that it was sent.
    mails.problems += mails.wrongly_delivered([sent], mails.await_copies([sent]))
    publish(replica, {**changed.files, **migration}, remote, branch, limit)
    before = _snapshot(replica)
    run = run_patiently(replica, commands, gateway.replica)
    seen = Update(run, token, None, dict.fromkeys(changed.services, False))
    _look(replica, gateway, seen, migrates=bool(migration), breaks=breaks)
    seen.differences = [
        one
        for one in postgres_snapshot.compare(before, _snapshot(replica), changing=gateway.postgres.changing)
        if breaks or (token not in str(one) and "migrat" not in one.where)
    ]
    seen.backups, seen.late_backups = _backups(replica, runbook, token, limit)
    with suppress(NoAnswerError):
        mails.offer_again(sent)
    try:
        mails.deliver("a mail handed in after the update")
    except (NoAnswerError, DeadlineError) as error:
        seen.problems.append(str(error))
    seen.problems += mails.problems
    return seen


def has_table(replica: Replica, name: str) -> bool:
    """Tell whether the gateway's database has a table. Raises psycopg.Error."""
    with replica.postgres() as connection:
        row = connection.execute("SELECT to_regclass(%s)::text", (name,)).fetchone()
    return bool(row and row[0])


def _snapshot(replica: Replica) -> postgres_snapshot.PostgresSnapshot:
    with replica.postgres() as connection:
        return postgres_snapshot.take(connection)


def _look(replica: Replica, gateway: Gateway, seen: Update, *, migrates: bool, breaks: bool) -> None:
    if migrates:
        seen.migrated = has_table(replica, seen.token)
    with suppress(DeadlineError):
        # It says so when it starts: a moment after the commands have ended, at most.
        wait_until(lambda: _all_run(replica, seen), what="the new code", timeout=1 if breaks else 5, pause=0.1)
    try:
        wait_until(
            lambda: _is_ready(replica, gateway),
            what="a ready API",
            timeout=gateway.replica.ready_timeout_seconds,
            forgive=(NoAnswerError,),
        )
    except DeadlineError as error:
        seen.problems.append(str(error))


def _all_run(replica: Replica, seen: Update) -> bool:
    for name in seen.running:
        seen.running[name] = seen.token in replica.logs(name, _LOG_LINES)
    return all(seen.running.values())


def _is_ready(replica: Replica, gateway: Gateway) -> bool:
    with Http(replica, gateway.http) as http:
        return http.get(gateway.http.readiness).is_success


def _backups(replica: Replica, runbook: Runbook, token: str, limit: float) -> tuple[list[str], list[str]]:
    folder = shlex.quote(folder_of_backups(runbook, "PostgreSQL"))
    script = f"""find {folder} -type f -newer ./logs/rehearsal-before-update -size +0 \\
    ! -name '.*' ! -name '*.manifest' ! -name '*.sha256' | while read -r file; do
        case $file in *.gz) read_it='gzip -dc' ;; *) read_it=cat ;; esac
        $read_it "$file" | grep -aq {token} && echo "late $file" || echo "good $file"
    done"""
    lines = replica.run_script(script, timeout=limit).stdout.splitlines()
    found = [line.partition(" ") for line in lines]
    return [path for _, _, path in found], [path for word, _, path in found if word == "late"]
