"""The command as a user gives it, on a gateway directory that may be broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 90
"""No run of these tests may last longer."""
_MADE_AT_RUN_TIME = ("backups", "redis-backups", "redis-data", "logs", "ssl", "__pycache__")


@dataclass(frozen=True)
class Run:
    """How a run ended, and what it said."""

    status: int
    text: str
    reports: Path

    @property
    def latest(self) -> Path:
        """The folder of its report."""
        return self.reports / "latest"

    @property
    def report(self) -> dict[str, Any]:
        """What its results.json says."""
        loaded: dict[str, Any] = json.loads((self.latest / "results.json").read_text())
        return loaded

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        """Each result, by what stands behind the file's name in its node id."""
        return {one["node_id"].split("::")[1]: one for one in self.report["results"]}


def check_told(run: Run, *words: str) -> None:
    """Assert that a run failed, said these words, and showed nobody a traceback."""
    assert run.status not in (0, None)
    assert [word for word in words if word not in " ".join(run.text.split())] == [], run.text
    for unwelcome in ("Traceback", "INTERNALERROR", "Exception ignored"):
        assert unwelcome not in run.text, run.text


class Place:
    """A copy of the reference gateway, with folders of its own for reports and for temporary files."""

    def __init__(self, folder: Path) -> None:
        self.gateway = folder / "gateway"
        self.reports = folder / "reports"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        shutil.copytree(ROOT / "gateway", self.gateway, ignore=shutil.ignore_patterns(*_MADE_AT_RUN_TIME))

    def edit(self, name: str, *changes: tuple[str, str]) -> None:
        """Replace text in a file of the gateway directory; text that is not there is an error of the test."""
        text = (self.gateway / name).read_text()
        for old, new in changes:
            assert old in text, f"{name} has no {old!r}"
            text = text.replace(old, new)
        (self.gateway / name).write_text(text)

    def rehearse(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        """Run pytest to its end."""
        with self.rehearsing(*arguments, environment=environment) as process:
            text, _ = process.communicate(timeout=SECONDS)
        return Run(process.returncode, text, self.reports)

    @contextmanager
    def rehearsing(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        """Run pytest beside the block, and end it with the block."""
        given = " ".join(arguments)
        options = [] if "--gateway" in given else [f"--gateway={self.gateway}"]
        options += [] if "--report-dir" in given else [f"--report-dir={self.reports}"]
        surroundings = {"TMPDIR": str(self.temporary), **(environment or {})}
        with started(pytest_command(*arguments, *options), ROOT, surroundings) as process:
            yield process


def pytest_command(*arguments: str) -> list[str]:
    """Return the command that runs pytest as this project's users do."""
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]


@contextmanager
def started(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, alone: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Run a command beside the block, its two outputs in one, and end it with the block.

    `alone` in a group of processes of its own, as a shell would run it.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "COLUMNS": "100", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0 if alone else None,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(look: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until `look` is true. Fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.02)
