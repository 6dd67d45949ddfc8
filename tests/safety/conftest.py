"""The stack that must stay as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.gateway.load import load_gateway
from rehearsal.replica.processes.launch import start
from tests.runs.running import ROOT, Place
from tests.safety.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A stack of real servers on loopback that plays the live one."""
    with start(load_gateway(ROOT / "gateway"), "plain") as servers:
        made = Stack(servers)
        made.fill()
        yield made


@pytest.fixture
def place() -> Iterator[Place]:
    """A gateway directory that a test may change, where the unprivileged servers of a plain replica can go."""
    with tempfile.TemporaryDirectory(prefix="safety-") as folder:
        Path(folder).chmod(0o755)
        yield Place(Path(folder))
