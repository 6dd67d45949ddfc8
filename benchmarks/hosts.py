"""A daily run over one host that is far away, and over fifty beside one, on two processors, their own work included."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.far import far
from benchmarks.table import Row
from rehearsal.gateway.description import Gateway
from rehearsal.replica.processes.launch import start
from rehearsal.replica.processes.replica import ProcessReplica
from tests.live.sshd import Sshd, sshd

ROOT = Path(__file__).parents[1]
HOSTS, WORKERS, PROCESSORS = 50, 8, 2
ROUND_TRIP_SECONDS = 0.02
_SECONDS = 900


def hosts(gateway: Gateway) -> list[Row]:
    """Time of fifty hosts with eight workers, as a multiple of the time of one."""
    with ExitStack() as stack:
        stack.enter_context(_on_processors(PROCESSORS))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = stack.enter_context(start(gateway, "plain"))
        server = stack.enter_context(sshd(_programs(folder)))
        environment = _surroundings(servers, server, folder)
        specs = [server.spec.replace("127.0.0.1", f"host{number}") for number in range(HOSTS)]
        _run(folder, environment, specs[:1])  # the first run of a machine pays for files that are not cached yet
        one = _run(folder, environment, specs[:1])
        with far(server.port, ROUND_TRIP_SECONDS) as port:
            away = _run(folder, environment, [specs[0].replace(f":{server.port}", f":{port}")])
        many = _run(folder, environment, specs, "-n", str(WORKERS))
    detail = f"{many:.1f} s beside {one:.1f} s for one"
    return [
        Row(f"daily over SSH, {1000 * ROUND_TRIP_SECONDS:.0f} ms away", away, "s", 4, f"{one:.1f} s without the way"),
        Row(f"{HOSTS} hosts with -n {WORKERS} against one", many / one, "x", 12, detail),
    ]


@contextmanager
def _on_processors(number: int) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:number]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _programs(folder: Path) -> Path:
    programs = folder / "programs"
    programs.mkdir()
    (programs / "docker").write_text((ROOT / "tests" / "live" / "docker.sh").read_text())
    (programs / "docker").chmod(0o755)
    return programs


def _surroundings(servers: ProcessReplica, server: Sshd, folder: Path) -> dict[str, str]:
    """Say where the hosts and their servers are: fifty names for one sshd, each with a connection of its own."""
    ports = servers.blueprint.ports
    (folder / "ca.pem").write_text(servers.blueprint.certificate.certificate)
    return {
        "GATEWAY_DB_PASSWORD": servers.blueprint.secrets.postgres,
        "REHEARSAL_HTTP__URL": f"http://localhost:{ports.web[80]}",
        "REHEARSAL_HTTP__HTTPS_URL": f"https://localhost:{ports.web[443]}",
        "REHEARSAL_HTTP__CA_FILE": str(folder / "ca.pem"),
        "REHEARSAL_POSTGRES__PORT": str(ports.postgres),
        "REHEARSAL_REDIS__PORT": str(ports.redis),
        "REHEARSAL_LIVE__DIRECTORY": str(folder),
        "REHEARSAL_LIVE__SSH_CONFIG": str(server.client("many", port=server.port, more="HostName 127.0.0.1\n")),
    }


def _run(folder: Path, environment: dict[str, str], specs: list[str], *arguments: str) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-m", "daily", f"--report-dir={folder}/reports", *arguments]
    began = time.monotonic()
    done = subprocess.run(
        [*command, f"--hosts={','.join(specs)}"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    seconds = time.monotonic() - began
    # The hosts have no Docker of their own, so some checks find fault; none of them may be one that was never reached.
    if "can't be reached" in done.stdout or "expected to reach" in done.stdout or done.returncode not in (0, 1):
        raise SystemExit(f"a host was not reached, so the time says nothing:\n{done.stdout[-3000:]}")
    return seconds
