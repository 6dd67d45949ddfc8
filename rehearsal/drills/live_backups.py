"""The newest backups of a live host: fetched, read, and given to a fresh replica. The host is only read."""

from __future__ import annotations

import base64
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from rehearsal.backups.copies import Copy, fetch
from rehearsal.backups.host import BackupHost, HostFile
from rehearsal.backups.names import BackupName
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.preparing import prepare
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import ProcedureRun, run_commands
from rehearsal.gateway.queue import hold
from rehearsal.gateway.target import NotOnThisTargetError, Target
from rehearsal.replica.protocol import Replica
from rehearsal.replica.token import verify
from rehearsal.runbook import Procedure, Runbook

MANIFEST = ".manifest"
"""What the reference scripts append to a dump's name for what tells about it."""
_FURTHEST_ZONE = 14 * 3600
"""Seconds by which a clock that names files may be ahead of UTC, as the world's time zones go."""
_PIECE = 3 << 20
_MIB = 1 << 20


@dataclass(frozen=True)
class LiveBackups:
    """A live gateway, its backups, and a way to a fresh replica."""

    live: Target
    files: BackupHost
    gateway: Gateway
    runbook: Runbook
    open_replica: Callable[[Gateway], Replica]
    """Makes a replica of a gateway. Raises ReplicaError or TargetError."""

    @property
    def limit(self) -> float:
        """Seconds for one step."""
        return self.gateway.replica.command_timeout_seconds

    @property
    def largest(self) -> int:
        """Bytes that a replica's disk has room for."""
        return self.gateway.replica.disk_mib * _MIB


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest backup of a store."""

    file: HostFile
    stamp: datetime
    """The moment in its name, read as UTC."""
    manifest: HostFile | None
    count: int
    """How many backups of that name there are."""

    def age(self, made: datetime | None) -> float:
        """Return the age of its data in seconds: the oldest of what its manifest, the file's time and its name say."""
        now = datetime.now(UTC)
        by_name = (now - self.stamp).total_seconds() - _FURTHEST_ZONE
        by_manifest = (now - made).total_seconds() if made else 0.0
        return max(self.file.age, by_name, by_manifest)


def newest(files: BackupHost, name: BackupName, *, timeout: float) -> Newest | None:
    """Return the newest backup that the runbook's restore would read, by the moment in its name; None without any.

    Raises TargetError.
    """
    listed = {file.name: file for file in files.list_files(name.folder, timeout=timeout)}
    stamps = {file: stamp for file in listed if (stamp := name.moment(file))}
    if not stamps:
        return None
    last = max(stamps, key=lambda file: stamps[file])
    return Newest(listed[last], stamps[last], listed.get(last + MANIFEST), len(stamps))


def fetch_all(backups: LiveBackups, found: Newest, folder: Path) -> tuple[Copy, bytes | None]:
    """Copy a backup, and read its manifest where it has one. Raises TargetError."""
    deadline = time.monotonic() + backups.limit
    copy = fetch(backups.files, found.file, folder, largest=backups.largest, timeout=backups.limit)
    if found.manifest is None:
        return copy, None
    left = max(deadline - time.monotonic(), 1)
    beside = fetch(backups.files, found.manifest, folder, largest=_MIB, timeout=left)
    return copy, beside.path.read_bytes()


def open_isolated(backups: LiveBackups, version: int) -> Replica:
    """Open a replica of that major version of PostgreSQL, whose queue is held: what comes back is counted, not sent.

    Raises ReplicaError, TargetError; NotOnThisTargetError where nothing would keep a foreign backup from the machine.
    """
    gateway = backups.gateway
    postgres = gateway.postgres.model_copy(update={"version": version})
    fresh = backups.open_replica(gateway.model_copy(update={"postgres": postgres}))
    try:
        _demand_isolation(fresh)
        verify(fresh)
        hold(fresh, gateway.queue, timeout=backups.limit)
    except BaseException:
        fresh.close()
        raise
    return fresh


def _demand_isolation(replica: Replica) -> None:
    if replica.isolation == "plain":
        msg = (
            "a live host's backup is foreign input, and nothing isolates a plain replica from this machine"
            f" (missing: {'; '.join(replica.missing_isolation)}): run where the kernel allows namespaces, or containers"
        )
        raise NotOnThisTargetError(msg)


def restore(replica: Replica, gateway: Gateway, procedure: Procedure, name: BackupName, copy: Copy) -> ProcedureRun:
    """Run the runbook's restore on a copy that was put into the replica. Raises TargetError, RunbookError."""
    stamp = name.stamp(copy.path.name)
    assert stamp, "only files of such a name are found"
    values: Mapping[str, str] = {**gateway.placeholders, name.stamp_text: stamp}
    limit = gateway.replica.command_timeout_seconds
    return run_commands(replica, fill_in(replica, procedure.commands, values, timeout=limit), timeout=limit)


def put(replica: Replica, copy: Copy, folder: str, *, timeout: float) -> None:
    """Put a copy into a folder of a replica, through its shell. Raises TargetError."""
    target = str(PurePosixPath(folder) / copy.path.name)
    place, deadline = shlex.quote(target), time.monotonic() + timeout
    _demand(replica, f"mkdir -p -- {shlex.quote(folder)} && : > {place}", target, timeout)
    with copy.path.open("rb") as file:
        while piece := file.read(_PIECE):
            text = base64.encodebytes(piece).decode()
            script = f"base64 -d >> {place} <<'END'\n{text}END\n"
            _demand(replica, script, target, max(deadline - time.monotonic(), 1))
    _demand(replica, f"echo {copy.sha256}\\ \\ {place} | sha256sum --check --status", target, timeout)


def _demand(replica: Replica, script: str, target: str, timeout: float) -> None:
    prepare(replica, script, f"write the backup to {target}", timeout=timeout)
