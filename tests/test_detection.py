"""The corpus of benchmarks/detection: each case is one gateway that differs from the reference as it says."""

from __future__ import annotations

import filecmp
from pathlib import Path

import pytest

from benchmarks.detection.cases import Case, cases
from tests.checks.conftest import REFERENCE


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.corpus}: {case.name}") for case in cases()])
def test_case_differs_from_the_reference(case: Case, tmp_path: Path) -> None:
    """What it replaces is there to be replaced, and something is other afterwards; "as it is" is as it is."""
    case.plant(REFERENCE, tmp_path / "gateway")
    compared = filecmp.dircmp(REFERENCE, tmp_path / "gateway")
    changed = list(_changed(compared)) + [name for name in case.mode if (REFERENCE / name).exists()]
    assert bool(changed) is (case.name != "healthy: as it is"), changed


def test_names_are_their_own() -> None:
    """A case is named on the command line: two of one name would be one."""
    names = [case.name for case in cases()]
    assert len(names) == len(set(names)) > 100


def _changed(compared: filecmp.dircmp[str]) -> list[str]:
    found = [*compared.diff_files, *compared.right_only]
    return found + [name for sub in compared.subdirs.values() for name in _changed(sub)]
