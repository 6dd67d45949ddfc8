"""What is asked of a host for its backups: which files there are, their sums, and their bytes. Nothing is written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

from rehearsal.gateway.target import CommandRun, TargetError

_ZONE = re.compile(r"[+-]\d{4}")


@dataclass(frozen=True, slots=True)
class HostFile:
    """A file of the host."""

    path: str
    """Relative to the gateway directory, or absolute."""
    size: int
    age: float
    """Seconds since it was written, by the host's own clock."""
    seen: datetime
    """When that was, in the host's own zone: its schedule goes by that."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(self.path).name


class BackupHost(Protocol):
    """Where backups lie."""

    @property
    def name(self) -> str:
        """As a person says it."""
        ...

    def list_files(self, folder: str, *, timeout: float) -> Sequence[HostFile]:
        """Return the plain files in a folder, none where there is no such folder. Raises TargetError."""
        ...

    def sha256(self, path: str, *, timeout: float) -> str:
        """Return a file's SHA-256 as the host computes it. Raises TargetError."""
        ...

    def stream(self, path: str, *, timeout: float) -> Iterator[bytes]:
        """Yield a file's bytes. Raises TargetError, also when `timeout` seconds have passed."""
        ...


def list_script(folder: str) -> str:
    """Return the command that lists a folder, with the host's clock in the first line."""
    place = shlex.quote(folder)
    return f"date '+%s %z' && if test -d {place}; then find {place} -maxdepth 1 -type f -printf '%s %T@ %p\\n'; fi"


def listed(run: CommandRun, folder: str, name: str) -> Sequence[HostFile]:
    """Return what `list_script` has found. Raises TargetError."""
    now, *lines = run.stdout.splitlines() or [""]
    seconds, _, zone = now.partition(" ")
    if not run.ok or not seconds.isdecimal() or not _ZONE.fullmatch(zone):
        msg = f"expected a list of the files in {folder} on {name}; it {run.ending}"
        raise TargetError(msg)
    parts = [line.split(" ", 2) for line in lines if line.count(" ") > 1]
    seen = datetime.fromtimestamp(int(seconds), datetime.strptime(zone, "%z").tzinfo)
    return [HostFile(path, int(size), int(seconds) - float(written), seen) for size, written, path in parts]


def sum_script(path: str) -> str:
    """Return the command that computes the SHA-256 of a file."""
    return f"sha256sum < {shlex.quote(path)}"


def summed(run: CommandRun, path: str, name: str) -> str:
    """Return what `sum_script` has computed. Raises TargetError."""
    if not run.ok:
        msg = f"expected the SHA-256 of {path} from {name}; it {run.ending}"
        raise TargetError(msg)
    return run.stdout.split(" ")[0]
