"""A private copy of a host's backup, compared with the host's own sum of it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.backups.host import BackupHost, HostFile
from rehearsal.gateway.target import TargetError

_GUARDIAN = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"
"""Its standard input ends when the run has ended, however it did."""
_END_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Copy:
    """A file on this machine that holds what the host's file held."""

    path: Path
    sha256: str
    size: int

    @classmethod
    def of(cls, path: Path) -> Copy:
        """Describe a file that was copied before."""
        with path.open("rb") as file:
            return cls(path, hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


@contextmanager
def private_folder() -> Iterator[Path]:
    """Offer a folder that nobody else can read, and remove it with all that is in it, whatever happens.

    A copy of what a live host has backed up must not stay behind, SIGKILL included: who waits for our end removes it.
    """
    folder = Path(tempfile.mkdtemp(prefix="rehearsal-backups-"))  # mode 0700
    guardian = subprocess.Popen(
        [sys.executable, "-IS", "-c", _GUARDIAN, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        guardian.communicate(timeout=_END_SECONDS)


def fetch(host: BackupHost, file: HostFile, folder: Path, *, largest: int, timeout: float) -> Copy:
    """Copy a file into a folder of our own, and compare it with the sum that the host computes.

    At most `largest` bytes, within `timeout` seconds. Raises TargetError for more, for a copy that breaks off, and for
    one that is not what the host has.
    """
    path, digest, size, deadline = folder / file.name, hashlib.sha256(), 0, time.monotonic() + timeout
    if file.size > largest:
        raise TargetError(_too_large(file, largest))
    free = shutil.disk_usage(folder).free
    if file.size > free:
        msg = f"expected room for the {file.size:,} bytes of {file.path} in {folder.parent}, found {free:,}: make room"
        raise TargetError(msg)
    try:
        with path.open("xb") as copy:
            for chunk in host.stream(file.path, timeout=timeout):
                copy.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                if size > largest:
                    raise TargetError(_too_large(file, largest))
                if time.monotonic() > deadline:
                    msg = (
                        f"expected a copy of {file.path} within {timeout:g} s, had {size:,} of {file.size:,} bytes then"
                    )
                    raise TargetError(msg)
    except OSError as error:
        msg = f"could not copy {file.path} into {folder}: {error.strerror or error}"
        raise TargetError(msg) from None
    found = host.sha256(file.path, timeout=max(deadline - time.monotonic(), 1))
    if found != digest.hexdigest():
        msg = (
            f"expected the copy of {file.path} to be what the host has, found {size:,} bytes with SHA-256"
            f" {digest.hexdigest()[:12]}…, the host says {found[:12]}…: it is being written, or the copy broke off"
        )
        raise TargetError(msg)
    return Copy(path, digest.hexdigest(), size)


def _too_large(file: HostFile, largest: int) -> str:
    return (
        f"expected {file.path} to fit into a replica's disk of {largest / (1 << 20):,.0f} MiB"
        f" (replica.disk_mib in gateway.toml), found {file.size:,} bytes or more: give it more"
    )
