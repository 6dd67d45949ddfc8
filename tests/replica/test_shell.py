"""The operator's shell of a process replica."""

from __future__ import annotations

import time

import psutil
import pytest

from rehearsal.replica.processes.shell import OUTPUT_LIMIT
from rehearsal.replica.protocol import Replica


def test_script_runs_in_gateway_directory(every: Replica) -> None:
    """A script sees the gateway directory, a bash, an empty input, and what was added to its environment."""
    run = every.run_script(
        'ls -d nginx redis; cat; echo "${BASH_VERSION%%.*} $EXTRA"', timeout=10, environment={"EXTRA": "é"}
    )
    assert run.stdout.splitlines()[:2] == ["nginx", "redis"]
    assert run.stdout.split()[-1] == "é"
    assert run.exit_code == 0


@pytest.mark.parametrize(
    ("script", "code", "pipes"),
    [
        ("exit 3", 3, ()),
        ("false", 1, ()),
        ("true | false | true", 0, (0, 1, 0)),
        ("set -o pipefail; false | true", 1, (1, 0)),
        ("true | true # with a comment", 0, (0, 0)),
        ("if false | false; then :; fi", 0, ()),
        ("grep x /dev/null | cat\necho done", 0, ()),
        ("no-such-program", 127, ()),
        ("echo 'unfinished", 2, ()),
        ("true | false \\", 1, (0, 1)),
    ],
)
def test_exit_codes_of_a_pipe(every: Replica, script: str, code: int, pipes: tuple[int, ...]) -> None:
    """The shell's status is told, and those of each part where the script ends with one pipe."""
    run = every.run_script(script, timeout=10)
    assert (run.exit_code, run.pipe_status) == (code, pipes)


def test_script_keeps_a_descriptor_of_its_own(every: Replica) -> None:
    """A script may open descriptor 9 for itself, whatever carries the script."""
    run = every.run_script("exec 9>nine; echo nine >&9; exec 9>&-; cat nine; rm nine", timeout=10)
    assert (run.stdout, run.stderr, run.exit_code) == ("nine\n", "", 0)


def test_script_is_not_in_argv(every: Replica) -> None:
    """A script reaches bash by a descriptor: what it holds is in no command line."""
    run = every.run_script(": sentinel-7391\nps axww -o args", timeout=10)
    assert "/dev/fd/" in run.stdout
    assert "sentinel-7391" not in run.stdout


def test_output_bounded_middle_cut(every: Replica) -> None:
    """Fifty megabytes of output leave the beginning, the end, and how much is missing."""
    run = every.run_script("echo first; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last", timeout=60)
    assert run.exit_code == 0
    assert run.stdout.startswith("first\n")
    assert run.stdout.endswith("\nlast\n")
    assert len(run.stdout) < OUTPUT_LIMIT + 100
    assert f"{50_000_012 - OUTPUT_LIMIT} characters left out" in run.stdout


def test_background_process_does_not_hold_the_run(every: Replica) -> None:
    """A script that leaves something in the background has ended when its shell has."""
    began = time.monotonic()
    run = every.run_script("sleep 30 & echo $!", timeout=20)
    assert run.exit_code == 0
    assert time.monotonic() - began < 10
    every.run_script(f"kill {run.stdout.strip()}", timeout=10)


def test_time_limit_ends_everything(every: Replica) -> None:
    """A script past its limit is ended with all that it started: children, daemons, commands in services."""
    script = (
        "sleep 301 & (setsid sleep 302 &) ; setsid nohup bash -c 'sleep 303; :' >/dev/null 2>&1 &"
        " docker-compose exec -T redis sleep 304 & sleep 1; echo started; sleep 305"
    )
    run = every.run_script(script, timeout=2)
    assert run.exit_code is None
    assert run.stdout == "started\n"
    assert 1.9 < run.seconds < 10
    left = wait_for_no("sleep", {"301", "302", "303", "304", "305"})
    assert left == []


def wait_for_no(program: str, arguments: set[str]) -> list[list[str]]:
    """Return the command lines of a program with one of these arguments, once there are none or after 5 s."""
    deadline = time.monotonic() + 5
    while True:
        lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
        left = [line for line in lines if line[:1] == [program] and set(line[1:]) & arguments]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)
