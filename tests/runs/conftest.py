"""A place to run in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.house import House
from tests.runs.running import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A gateway directory that a test may break."""
    return Place(tmp_path)


@pytest.fixture
def house(pytester: pytest.Pytester) -> House:
    """A small house of checks that need no replica."""
    return House(pytester)
