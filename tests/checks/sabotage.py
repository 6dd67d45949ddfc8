"""Gateways with something changed in their folder, and a judge of what the checks make of them."""

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

_PATIENCE = 10
"""Seconds that a service may take to be ready: what a sabotage stops does not come, and is waited for in vain."""
_LEFT_OUT = shutil.ignore_patterns("backups", "redis-*", "logs", "__pycache__")


@contextmanager
def changed(folder: Path, *changes: tuple[str, str, str]) -> Iterator[Judge]:
    """Give a judge of a replica of the reference gateway with changes: a file, what it holds, and what instead.

    Where nothing is said to be replaced, the file is written anew.
    """
    directory = folder / "gateway"
    shutil.copytree(REFERENCE, directory, ignore=_LEFT_OUT)
    for name, old, new in changes:
        file = directory / name
        text = file.read_text()
        assert old in text, f"{name} does not hold what the sabotage replaces"
        file.write_text(text.replace(old, new) if old else new)
    gateway = load_gateway(directory)
    brief = gateway.replica.model_copy(update={"ready_timeout_seconds": _PATIENCE})
    gateway = gateway.model_copy(update={"replica": brief})
    with open_replica(gateway) as replica:
        yield Judge(replica, gateway, read_runbook(directory / gateway.runbook))
