"""What a whole daily run costs a live host that it reaches over SSH."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.live.sshd import proxy, sshd
from tests.runs.running import Place
from tests.safety.stack import Stack
from tests.safety.test_live_run import make_live

COMMANDS = 12
"""Each is a round trip, and a line in the host's log."""
HALF_A_ROUND_TRIP = 0.01
COUNTED = """#!/bin/sh
# Every command that is sent to the host begins with `timeout`.
echo "$1 $2 $3" >> {asked}
exec {timeout} "$@"
"""


@pytest.fixture
def programs(place: Place) -> Path:
    """Programs of the host that count what it is asked, before a docker that describes a healthy stack."""
    folder = place.gateway.with_name("on-the-host")
    folder.mkdir()
    docker = Path(__file__).parents[1] / "live" / "docker.sh"
    counted = COUNTED.format(asked=folder / "asked", timeout=shutil.which("timeout"))
    for name, text in {"docker": docker.read_text(), "timeout": counted}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def test_daily_run_over_ssh_costs_few_commands(place: Place, stack: Stack, programs: Path) -> None:
    """Every daily check of one live host together sends it at most 12 commands, over one connection, and sees it."""
    make_live(place, stack)
    place.edit("gateway.toml", ('reach = "direct"', 'reach = "ssh"'))
    with sshd(programs) as host, proxy(host.port, HALF_A_ROUND_TRIP) as way:
        config = host.client("cost", port=way.port)
        spec = host.spec.replace(str(host.port), str(way.port))
        before = stack.take()
        run = place.rehearse(
            "-m",
            "daily",
            f"--hosts={spec}",
            environment={"GATEWAY_DB_PASSWORD": stack.password, "REHEARSAL_LIVE__SSH_CONFIG": str(config)},
        )
        assert stack.changes(before) == []
        connections = (host.folder / "log").read_text().count("Accepted publickey")
    asked = (programs / "asked").read_text().splitlines()
    assert 0 < len(asked) <= COMMANDS, asked
    assert connections == 1
    # What is read from the document alone has looked at no host.
    assert {one["target"] for one in run.report["results"]} == {spec, ""}
    seen = {name: run.results[name]["outcome"] for name in ("test_postgres_answers", "test_redis_takes_a_write")}
    assert set(seen.values()) == {"ok"}, run.text
    assert {run.results[f"test_service_up[{name}]"]["outcome"] for name in ("api", "worker")} <= {"ok", "warning"}
