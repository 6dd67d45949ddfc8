"""Copies of the reference gateway with something changed, as a sabotage or a healthy variant."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rehearsal.gateway.load import load_gateway
from rehearsal.replica import open_replica
from rehearsal.runbook import read_runbook
from tests.checks.conftest import REFERENCE
from tests.checks.judge import Judge

Changes = Mapping[str, tuple[tuple[str, str], ...]]
"""By file of the gateway directory: what is replaced, and by what."""
_MADE = shutil.ignore_patterns("backups", "redis-backups", "redis-data", "logs", "ssl")


@contextmanager
def changed_gateway(folder: Path, changes: Changes) -> Iterator[Judge]:
    """Open a replica of a changed copy, and yield a judge of it; each change must find what it replaces."""
    directory = folder / "gateway"
    shutil.copytree(REFERENCE, directory, ignore=_MADE)
    for name, pairs in changes.items():
        text = (directory / name).read_text()
        for old, new in pairs:
            assert old in text, f"{name} does not hold {old!r}"
            text = text.replace(old, new)
        (directory / name).write_text(text)
    gateway = load_gateway(directory)
    with open_replica(gateway) as replica:
        yield Judge(replica, gateway, read_runbook(directory / gateway.runbook))
