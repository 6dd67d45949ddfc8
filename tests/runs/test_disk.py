"""A disk under reports/ that is full, fills up, or can't be written to: one sentence, and what was kept stays."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rehearsal.results.journal import recover
from tests.plugin.house import House
from tests.runs.running import SECONDS, Run, check_told, pytest_command, started

# The file system ends with the namespace: what is left on it is copied out first.
ON_A_SMALL_DISK = """
mount -t tmpfs -o size=256k tmpfs reports && eval "$PREPARE" || exit 125
"$@"
status=$?
cp -a reports/. kept/
exit $status
"""
GOOD = 'def test_first(evidence):\n    """First."""\n    evidence.saw("it")\n'
FILLS = '''
def test_second(evidence):
    """Second."""
    with open("reports/ballast", "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(512))
        except OSError:
            pass
    evidence.saw("a full disk")

def test_third(evidence):
    """Third."""
    evidence.critical("what nobody can look up later")
'''


def run_on_a_small_disk(house: House, prepare: str = ":") -> Run:
    """Run a house of checks whose reports are on a disk of 256 KiB; `prepare` is done to it first, in a shell."""
    probe = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "true"], check=False, capture_output=True, text=True
    )
    if probe.returncode:
        pytest.skip(f"the kernel refuses namespaces: {probe.stderr.strip()}")
    for name in ("reports", "kept"):
        (house.path / name).mkdir()
    inside = ["sh", "-c", ON_A_SMALL_DISK, "sh", *pytest_command()]
    command = ["unshare", "--user", "--map-root-user", "--mount", *inside]
    with started(command, house.path, {"PREPARE": prepare}) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode != 125, text
    return Run(process.returncode, text, house.path / "kept")


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        pytest.param("{ cat /dev/zero > reports/ballast; } 2>/dev/null; true", ["No space left on device"], id="full"),
        pytest.param("mount -o remount,ro reports", ["Read-only file system"], id="read-only"),
    ],
)
def test_disk_that_takes_nothing(house: House, prepare: str, words: list[str]) -> None:
    """A run that can't keep a report does not begin: a green line that nobody can look up later is worth little."""
    house.checks(GOOD)
    run = run_on_a_small_disk(house, prepare)
    check_told(run, "ERROR: Could not", "reports", "Free space there", *words)
    assert run.status == 4
    assert len(run.text.strip().splitlines()) == 1


def test_disk_that_fills_up(house: House) -> None:
    """A disk that gets full in the middle fails the run, says so last, and keeps the results of before."""
    house.checks(GOOD + FILLS)
    run = run_on_a_small_disk(house)
    check_told(run, "The report is not complete: Could not write", "No space left on device", "2 ok, 1 critical")
    assert "CRITICAL: Third." in run.text
    assert run.status == 1
    (folder,) = [path for path in Path(run.reports).iterdir() if path.is_dir()]
    assert recover(folder).results[0].node_id.endswith("::test_first")
    assert [path.name for path in folder.iterdir() if path.name != "results.jsonl"] == []
    assert not run.latest.is_symlink()
