"""How long a replica takes to be ready, and a run to be over."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.table import Row
from rehearsal.gateway.description import Gateway
from rehearsal.replica import open_replica
from rehearsal.replica.choice import why_processes
from rehearsal.replica.processes import template

ROOT = Path(__file__).parents[1]
TIMES = 5


def replica_ready(gateway: Gateway) -> list[Row]:
    """Time from nothing running to a ready API and a consuming worker, with a template and without."""
    _ready(gateway, 1)
    warm = _ready(gateway, TIMES)
    with _no_template():
        cold = _ready(gateway, TIMES)
    return [
        Row("replica ready, warm template", statistics.median(warm), "s", 1.0, _spread(warm)),
        Row("replica ready, from nothing", statistics.median(cold), "s", 2.5, _spread(cold)),
    ]


def containers_ready(gateway: Gateway) -> list[Row]:
    """Time until a replica of containers is ready, where an engine answers and its images are there; else no row."""
    given = gateway.model_copy(update={"replica": gateway.replica.model_copy(update={"kind": "containers"})})
    if reason := why_processes(given):
        sys.stderr.write(f"containers were not measured: {reason}\n")
        return []
    _ready(given, 1)
    seconds = _ready(given, TIMES)
    return [Row("replica of containers ready", statistics.median(seconds), "s", 5.0, _spread(seconds))]


def _ready(gateway: Gateway, times: int) -> list[float]:
    seconds = []
    for _ in range(times):
        started = time.monotonic()
        with open_replica(gateway):
            seconds.append(time.monotonic() - started)
    return seconds


@contextmanager
def _no_template() -> Iterator[None]:
    """Hide the kept templates and let none be kept."""
    keep, path = template.keep, template.path
    nowhere = Path(sys.prefix, "share", "rehearsal", "none.tar")
    template.keep, template.path = (lambda *_: None), (lambda *_: nowhere)
    try:
        yield
    finally:
        template.keep, template.path = keep, path


def _spread(seconds: list[float]) -> str:
    return f"{min(seconds):.2f} to {max(seconds):.2f} s, {len(seconds)} times"


def _pytest(*arguments: str) -> float:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as reports:
        command = [sys.executable, "-m", "pytest", "-q", f"--report-dir={reports}", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        sys.exit(f"pytest {' '.join(arguments)} failed, so its time says nothing:\n{done.stdout[-3000:]}")
    return time.monotonic() - started


def runs() -> list[Row]:
    """Time of a daily and of a nightly run, interpreter and report included."""
    daily = [_pytest("-m", "daily") for _ in range(3)]
    nightly = [_pytest()]
    return [
        Row("daily", statistics.median(daily), "s", 5.0, _spread(daily)),
        Row("nightly", statistics.median(nightly), "s", 60.0, _spread(nightly)),
    ]
