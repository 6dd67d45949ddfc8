"""A place to run in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.running import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A gateway directory that a test may break."""
    return Place(tmp_path)
