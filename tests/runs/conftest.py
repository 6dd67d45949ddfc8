"""A place to run in."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin.house import House
from tests.runs.running import Place


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Hear Ctrl-C: a shell's background job is started deaf to it, and so would be what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A gateway directory that a test may break."""
    return Place(tmp_path)


@pytest.fixture
def house(pytester: pytest.Pytester) -> House:
    """A small house of checks that need no replica."""
    return House(pytester)
