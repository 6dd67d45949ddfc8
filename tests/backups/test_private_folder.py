"""The folder in which the copy of a live host's backup lies."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from rehearsal.backups.copies import private_folder

RUN = """
import time
from rehearsal.backups.copies import private_folder
with private_folder() as folder:
    (folder / "dump.sql").write_text("what a live host has backed up")
    print(folder, flush=True)
    time.sleep(600)
"""


def test_nothing_stays_behind_when_the_run_is_killed() -> None:
    """After SIGKILL the folder goes with all that is in it."""
    with subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        folder = Path(run.stdout.readline().strip())
        assert (folder / "dump.sql").exists()
        run.kill()
    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not folder.exists()


def test_folder_is_private_and_ends_with_its_use() -> None:
    """Nobody else may look into it, and it is gone behind the block."""
    with private_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
