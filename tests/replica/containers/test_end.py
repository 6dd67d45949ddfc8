"""Nothing of a replica of containers outlives its run: no container, network, volume, process or file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker  # type: ignore[import-untyped]  # ships no types
import psutil
import pytest

from rehearsal.gateway.wait import wait_until
from rehearsal.replica.containers import guardian
from tests.replica.conftest import contain_or_skip, in_containers

PROJECT = Path(__file__).parents[3]
RUN = """
import json, time
from rehearsal.replica.containers.launch import start
from tests.replica.conftest import in_containers
replica = start(in_containers())
replica.run_script("touch left-by-root; (setsid sleep 600 &)", timeout=10)
print(json.dumps([replica.life.project, str(replica.life.folder)]), flush=True)
time.sleep(600)
"""


def left(client: docker.DockerClient, project: str, folder: str) -> list[str]:
    """Return what is there of a project."""
    label = {"label": f"com.docker.compose.project={project}"}
    containers = [one.name for one in client.containers.list(all=True, filters=label, ignore_removed=True)]
    networks = [one.name for one in client.networks.list(filters=label)]
    volumes = [one.name for one in client.volumes.list(filters=label)]
    files = [folder] if Path(folder).exists() else []
    return containers + networks + volumes + files


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    """The engine, asked directly."""
    made = docker.from_env()
    yield made
    made.close()


def test_close_leaves_nothing() -> None:
    """After `close` nothing of it is left; closing again does no harm."""
    others = set(psutil.Process().children(recursive=True))
    replica = contain_or_skip(in_containers())
    client = docker.from_env()
    project, folder = replica.life.project, str(replica.life.folder)
    assert len(left(client, project, folder)) >= 10
    replica.close()
    replica.close()
    assert left(client, project, folder) == []
    assert set(psutil.Process().children(recursive=True)) <= others
    client.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_run_leaves_nothing(number: signal.Signals) -> None:
    """When the run itself is killed, all of its replica is gone in time."""
    with contain_or_skip(in_containers()) as beside:
        client = docker.from_env()
        run = subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, cwd=PROJECT)
        with run:
            assert run.stdout is not None
            project, folder = json.loads(run.stdout.readline())
            assert len(left(client, project, folder)) >= 10
            run.send_signal(number)
            run.wait(10)
        wait_until(lambda: not left(client, project, folder), what=f"the end of {project}", timeout=10)
        # Another run's replica is not touched.
        assert len(left(client, beside.life.project, str(beside.life.folder))) >= 10
        client.close()


ENGINE = """#!/bin/sh
echo "$*" >> {calls}
case "$1 $2" in
    "ps -aq") [ "$(grep -c 'ps -aq' {calls})" -ne 2 ] || echo late ;;
esac
"""


@pytest.mark.parametrize(("last_word", "looks_again"), [("", True), (guardian.ENDED, False)], ids=["killed", "ended"])
def test_what_is_made_late_goes_too(last_word: str, *, looks_again: bool, tmp_path: Path) -> None:
    """A `docker compose` that goes on when its run was killed makes containers after the guardian has looked."""
    calls, engine, folder = tmp_path / "calls", tmp_path / "docker", tmp_path / "replica"
    engine.write_text(ENGINE.format(calls=calls))
    engine.chmod(0o755)
    folder.mkdir()
    told = json.dumps({"docker": str(engine), "project": "tiny-1", "folder": str(folder)})
    program = [sys.executable, "-IS", guardian.__file__]
    subprocess.run(program, input=f"{told}\n{last_word}", text=True, check=True, timeout=120)
    assert ("rm --force --volumes late" in calls.read_text()) is looks_again
    assert not folder.exists()
