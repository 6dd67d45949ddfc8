"""Backups as they would be if time had passed: their names' stamps and their times are set back together."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from rehearsal.backups.names import BackupName
from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica

_SECONDS = 60


def move_back(replica: Replica, name: BackupName, paths: Sequence[str], moment: datetime) -> str:
    """Rename the first of these backups, with what lies beside it, to what it would be called then; remove the others.

    Returns its new path. Raises TargetError.
    """
    path = copy_back(replica, name, paths[0], [moment])[0]
    others = " ".join(f"{shlex.quote(one)}*" for one in paths)
    _demand(replica, f"rm -f -- {others}")
    return path


def copy_back(replica: Replica, name: BackupName, path: str, moments: Sequence[datetime]) -> list[str]:
    """Copy a backup, with its manifest, to what it would be at each of these moments; return the paths.

    Raises TargetError.
    """
    old = PurePosixPath(path)
    paths, lines = [], []
    for moment in moments:
        new = str(PurePosixPath(name.folder) / name.at(moment))
        paths.append(new)
        lines += [
            f'for f in {shlex.quote(path)}*; do t={shlex.quote(new)}"${{f#{shlex.quote(str(old))}}}";'
            f' cp -p -- "$f" "$t" && touch -d @{int(moment.timestamp())} -- "$t" || exit 1; done'
        ]
    _demand(replica, f"mkdir -p -- {shlex.quote(name.folder)}\n" + "\n".join(lines))
    return paths


def _demand(replica: Replica, script: str) -> None:
    run = replica.run_script(script, timeout=_SECONDS)
    if not run.ok:
        msg = f"expected to set backups of {replica.name} back in time; it {run.ending}"
        raise TargetError(msg)
