"""What lies where backups lie and is none: what a backup had begun when it failed."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import PurePosixPath

from rehearsal.drills.backups import BackupBlock
from rehearsal.drills.preparing import prepare
from rehearsal.replica.protocol import Replica

_OLD = "40 days ago"


def others_beside(replica: Replica, block: BackupBlock) -> set[str]:
    """Return the paths of files of a KiB or more in the folder of backups that are none, nor lie beside one by name."""
    script = f"find {shlex.quote(block.name.folder)} -type f -size +1k 2>/dev/null || true"
    found = replica.run_script(script, timeout=block.limit).stdout.splitlines()
    backups = {PurePosixPath(path).name for path in block.files()}
    stems = tuple(name.partition(".")[0] for name in backups)
    return {path for path in found if not PurePosixPath(path).name.startswith((*backups, *stems))}


def make_old(replica: Replica, paths: Collection[str], limit: float) -> None:
    """Date files back: a script may clear away what is old. Raises TargetError."""
    if paths:
        script = f"touch -d {shlex.quote(_OLD)} -- {shlex.join(sorted(paths))}"
        prepare(replica, script, "date files of a failed backup back", timeout=limit)
