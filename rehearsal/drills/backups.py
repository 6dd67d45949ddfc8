"""A runbook's backup block as a drill runs it, and the files that it leaves where the restore looks for them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from rehearsal.backups.names import BackupName, backup_name
from rehearsal.backups.whole import Opened, open_backup
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.preparing import prepare
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import ProcedureRun, run_commands
from rehearsal.gateway.programs import script_texts
from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, Procedure, Runbook, RunbookError, backup_policy, procedure

_LARGEST = 1 << 28
_OTHERS = 0o077
_USUAL_MASK = "umask 022"
"""As most hosts have it: what a backup protects, it protects by itself."""


_USUAL = {"PostgreSQL": ("./backups", "Restaurar PostgreSQL"), "Redis": ("./redis-backups", "Restaurar Redis")}


def folder_of_backups(runbook: Runbook, store: str) -> str:
    """Return where the backups of a store lie: as its policy says, else where the restore reads one, else as usual."""
    usual, restore = _USUAL[store]
    with suppress(RunbookError):
        return backup_policy(runbook, store).location or usual
    with suppress(RunbookError):
        return backup_name(procedure(runbook, restore)).folder
    return usual


def name_of_backups(restore: Procedure, runbook: Runbook, gateway: Gateway) -> BackupName:
    """Return which files a restore reads, as it says itself, or the document or a script. Raises RunbookError."""
    return backup_name(restore, (runbook.text, *script_texts(gateway.directory)))


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A file whose name a restore would read."""

    path: str
    size: int
    mode: int
    folder_mode: int
    sha256: str

    @property
    def is_private(self) -> bool:
        """Tell whether nobody but its owner can read it."""
        return not (self.mode & _OTHERS and self.folder_mode & _OTHERS)


@dataclass(frozen=True)
class BackupBlock:
    """The block of one store on one replica."""

    replica: Replica
    gateway: Gateway
    procedure: Procedure
    name: BackupName

    @property
    def limit(self) -> float:
        """Seconds for the whole block."""
        return self.gateway.replica.command_timeout_seconds

    def run(self, *before: str, environment: Mapping[str, str] | None = None) -> ProcedureRun:
        """Run the block in one shell, after lines of our own. Raises TargetError, RunbookError."""
        own = [Command(line, "", 0) for line in (_USUAL_MASK, *before)]
        commands = fill_in(self.replica, self.procedure.commands, self.gateway.placeholders, timeout=self.limit)
        run = run_commands(self.replica, [*own, *commands], timeout=self.limit, environment=environment)
        return replace(run, commands=run.commands[len(own) :])

    def files(self) -> dict[str, BackupFile]:
        """Return what looks like a backup, by its path. Raises TargetError."""
        return list_backups(self.replica, self.name, self.limit)

    def open(self, file: BackupFile) -> Opened:
        """Read a backup. Raises TargetError."""
        return read_backup(self.replica, file.path, self.limit)


def list_backups(replica: Replica, name: BackupName, timeout: float) -> dict[str, BackupFile]:
    """Return the files that a restore would take for backups, by path. Raises TargetError."""
    folder = shlex.quote(name.folder)
    script = (
        f"if test -d {folder}; then cd {folder} && stat -c %a . && find . -maxdepth 1 -type f -printf '%m %s %f\\n'"
        f" && echo sums && find . -maxdepth 1 -type f -exec sha256sum {{}} + ; fi"
    )
    run = replica.run_script(script, timeout=timeout)
    if not run.ok:
        msg = f"expected a list of the files in {name.folder} of {replica.name}; it {run.ending}"
        raise TargetError(msg)
    listed, _, summed = run.stdout.partition("sums\n")
    folder_mode, *lines = listed.splitlines() or ["0"]
    sums = {line[64:].strip(" *").removeprefix("./"): line[:64] for line in summed.splitlines()}
    found = [line.split(" ", 2) for line in lines if line.count(" ") > 1]
    return {
        f"{name.folder}/{file}": BackupFile(
            f"{name.folder}/{file}", int(size), int(mode, 8), int(folder_mode, 8), sums.get(file, "")
        )
        for mode, size, file in found
        if name.stamp(file)
    }


def await_next_name(replica: Replica, folder: str, timeout: float) -> None:
    """Wait until the newest file of a folder is of an earlier second: a name by the second is another one then.

    A script may refuse to overwrite a backup, and rightly so. At most three seconds: something else may write there.
    Raises TargetError.
    """
    recent = f'find {shlex.quote(folder)} -maxdepth 1 -type f -newermt "@$(($(date +%s) - 1))" 2>/dev/null'
    script = f'for _ in {{1..30}}; do [ -n "$({recent})" ] || break; sleep 0.1; done'
    prepare(replica, script, f"wait for {folder}", timeout=timeout)


def read_backup(replica: Replica, path: str, timeout: float) -> Opened:
    """Read a backup of the replica, one in pg_dump's own format by pg_restore. Raises TargetError."""
    opened = open_backup(replica.read_file(path, limit=_LARGEST))
    if opened.form != "custom":
        return opened
    script = f'out=$(mktemp) && pg_restore -f - -- {shlex.quote(path)} > "$out" && echo "$out"'
    run = replica.run_script(script, timeout=timeout)
    if not run.ok:
        return replace(opened, broken=f"pg_restore can't read it: it {run.ending}")
    return open_backup(replica.read_file(run.stdout.strip(), limit=_LARGEST))


def said(run: ProcedureRun) -> str:
    """Return all that a block said."""
    return "".join(part for one in run.commands for part in (one.stdout, one.stderr))


def new_ones(before: Mapping[str, BackupFile], after: Mapping[str, BackupFile]) -> Sequence[BackupFile]:
    """Return the backups that were not there, or had another content."""
    return [file for path, file in after.items() if path not in before or before[path].sha256 != file.sha256]
