"""Nothing of a replica outlives its run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from tests.replica.conftest import ARRANGEMENTS, Isolation, open_or_skip, tiny

PROJECT = Path(__file__).parents[2]
RUN = """
import json, sys, time
import psutil
from rehearsal.replica.processes.launch import start
from tests.replica.conftest import tiny
replica = start(tiny(), sys.argv[1])
replica.run_script("(setsid sleep 600 &) ; sleep 600 &", timeout=10)
below = psutil.Process().children(recursive=True)
print(json.dumps({"pids": [[one.pid, one.create_time()] for one in below], "root": replica.plan.root}), flush=True)
time.sleep(600)
"""


def alive(processes: Sequence[Sequence[float]]) -> list[int]:
    """Return the processes that still run, told from later ones by the time they were made."""
    found = []
    for pid, made in processes:
        try:
            process = psutil.Process(int(pid))
            if process.create_time() == made and process.status() != psutil.STATUS_ZOMBIE:
                found.append(int(pid))
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.mark.parametrize("isolation", ARRANGEMENTS)
def test_close_leaves_nothing(isolation: Isolation) -> None:
    """After `close` no process and no folder is left; closing again does no harm."""
    others = set(psutil.Process().children(recursive=True))
    replica = open_or_skip(tiny(), isolation)
    replica.run_script("(setsid sleep 600 &) ; sleep 600 &", timeout=10)
    below = [[one.pid, one.create_time()] for one in psutil.Process().children(recursive=True) if one not in others]
    root = replica.plan.root
    assert len(alive(below)) >= 10
    assert not root or Path(root).is_dir()
    replica.close()
    replica.close()
    assert alive(below) == []
    assert not root or not Path(root).exists()


@pytest.mark.parametrize(("isolation", "seconds"), [("namespaces", 2), ("plain", 10)])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_run_leaves_nothing(isolation: str, seconds: float, number: signal.Signals) -> None:
    """When the run itself is killed, every process and folder of its replica is gone in time."""
    run = subprocess.Popen([sys.executable, "-c", RUN, isolation], stdout=subprocess.PIPE, cwd=PROJECT)
    with run:
        assert run.stdout is not None
        line = run.stdout.readline()
        if not line:
            pytest.skip("this machine has no namespaces")
        seen = json.loads(line)
        assert len(alive(seen["pids"])) >= 10
        run.send_signal(number)
        run.wait(10)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (alive(seen["pids"]) or (seen["root"] and Path(seen["root"]).exists())):
        time.sleep(0.02)
    assert alive(seen["pids"]) == []
    assert not seen["root"] or not Path(seen["root"]).exists()


def test_killed_supervisor_takes_the_sandbox_along() -> None:
    """When the outer process of a sandbox is killed, the kernel ends all that is inside."""
    replica = open_or_skip(tiny(), "namespaces")
    below = psutil.Process().children(recursive=True)
    outer = next(one for one in below if one.ppid() == psutil.Process().pid and one.name() == "unshare")
    made = [[one.pid, one.create_time()] for one in outer.children(recursive=True)]
    assert len(made) >= 8
    outer.kill()
    deadline = time.monotonic() + 2
    while alive(made) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive(made) == []
    replica.close()
