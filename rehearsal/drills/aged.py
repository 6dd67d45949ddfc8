"""Backups as they would be if time had passed: their names' stamps and their times are set back together."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from rehearsal.backups.names import BackupName
from rehearsal.drills.preparing import prepare
from rehearsal.replica.protocol import Replica

_SECONDS = 60
_COPY = """
import glob, json, os, shutil, sys
path, made = sys.argv[1], json.loads(sys.argv[2])
for new, moment in made.items():
    os.makedirs(os.path.dirname(new), exist_ok=True)
    for old in glob.glob(glob.escape(path) + "*"):
        copy = new + old[len(path):]
        shutil.copy(old, copy)
        if copy != new and os.path.getsize(copy) < 65536:  # a list of sums names the file that it is about
            with open(copy, "r+b") as beside:
                text = beside.read()
                beside.seek(0)
                beside.write(text.replace(os.path.basename(path).encode(), os.path.basename(new).encode()))
                beside.truncate()
        os.utime(copy, (moment, moment))
"""


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
    made = {str(PurePosixPath(name.folder) / name.at(moment)): moment.timestamp() for moment in moments}
    _demand(replica, f"python3 - {shlex.quote(path)} {shlex.quote(json.dumps(made))} <<'END'\n{_COPY}\nEND")
    return list(made)


def _demand(replica: Replica, script: str) -> None:
    prepare(replica, script, "set backups back in time", timeout=_SECONDS)
