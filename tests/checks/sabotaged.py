"""Copies of the reference gateway with one change, for sabotages of its code, scripts, settings and document."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rehearsal.gateway.load import load_gateway
from rehearsal.replica import open_replica
from rehearsal.runbook import read_runbook
from tests.checks.conftest import REFERENCE
from tests.checks.judge import Judge

Change = tuple[str, str, str]
"""A file of the gateway directory, what stands in it, and what is to stand there."""


@contextmanager
def sabotaged(folder: Path, *changes: Change, wait: float = 12) -> Iterator[Judge]:
    """Open a replica of a changed gateway, on which nobody is waited for longer than `wait` seconds.

    Where nothing is said to be replaced, the file is written anew.
    """
    directory = folder / "gateway"
    shutil.copytree(REFERENCE, directory, ignore=shutil.ignore_patterns("backups", "redis-*", "logs"))
    for name, old, new in changes:
        file = directory / name
        text = file.read_text() if file.exists() else ""
        assert old in text, f"{name} does not hold what the sabotage replaces"
        file.write_text(text.replace(old, new) if old else new)
    gateway = load_gateway(directory)
    brief = {
        "replica": gateway.replica.model_copy(update={"ready_timeout_seconds": wait}),
        "objectives": gateway.objectives.model_copy(update={"queue_age_p95_seconds": wait}),
    }
    # The replica itself has all the time that a busy machine may need.
    with open_replica(gateway) as replica:
        yield Judge(replica, gateway.model_copy(update=brief), read_runbook(directory / gateway.runbook))
