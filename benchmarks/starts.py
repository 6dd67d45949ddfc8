"""How long a replica takes to be ready, and a run to be over."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.table import Row
from rehearsal.gateway.description import Gateway
from rehearsal.replica import open_replica
from rehearsal.replica.processes.template import template_folder

ROOT = Path(__file__).parents[1]
TIMES = 5


def _median(act: Callable[[], None], times: int = TIMES) -> tuple[float, str]:
    seconds = []
    for _ in range(times):
        started = time.monotonic()
        act()
        seconds.append(time.monotonic() - started)
    return statistics.median(seconds), f"{min(seconds):.2f} to {max(seconds):.2f}, {times} times"


def replica_ready(gateway: Gateway) -> list[Row]:
    """Time from nothing running to a ready API and a consuming worker, with a template and without."""
    ready: list[float] = []

    def start() -> None:
        started = time.monotonic()
        with open_replica(gateway):
            ready.append(time.monotonic() - started)

    start()
    ready.clear()
    for _ in range(TIMES):
        start()
    return [Row("replica ready, warm template", statistics.median(ready), "s", 1.0, f"{TIMES} times")]


def _pytest(*arguments: str) -> None:
    with tempfile.TemporaryDirectory() as reports:
        command = [sys.executable, "-m", "pytest", "-q", f"--report-dir={reports}", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        sys.exit(f"pytest {' '.join(arguments)} failed, so its time says nothing:\n{done.stdout[-3000:]}")


def runs() -> list[Row]:
    """Time of a daily and of a nightly run, interpreter and report included."""
    daily, daily_detail = _median(lambda: _pytest("-m", "daily"), 3)
    nightly, nightly_detail = _median(_pytest, 1)
    return [Row("daily", daily, "s", 5.0, daily_detail), Row("nightly", nightly, "s", 60.0, nightly_detail)]
