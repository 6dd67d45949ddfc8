"""A registry of newer images: what it offers comes with a pull only, and nothing of it outlives its run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker  # type: ignore[import-untyped]  # ships no types
import psutil
import pytest

from rehearsal.gateway.description import SERVICES
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.choice import why_processes
from rehearsal.replica.containers import registry as registries
from rehearsal.replica.protocol import ReplicaError
from tests.replica.conftest import in_containers

PROJECT = Path(__file__).parents[3]
RUN = """
import json, time
from rehearsal.replica.containers import registry as registries
from tests.replica.conftest import in_containers
with registries.image_registry(in_containers()) as made:
    print(json.dumps(made.gateway.replica.images.redis), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    """The engine, asked directly; the test is skipped where it can't make a registry."""
    if why := why_processes(in_containers()):
        pytest.skip(why)
    if shutil.which(registries.PROGRAM) is None:
        pytest.skip(f"this machine has no {registries.PROGRAM}")
    made = docker.from_env()
    yield made
    made.close()


def named(client: docker.DockerClient, place: str) -> list[str]:
    """Return the names of images below a place, and what else is called so."""
    images = client.images.list()
    names = [name for image in images for name in (*image.tags, *image.attrs["RepoDigests"])]
    return [name for name in names if name.startswith(place)]


def test_newer_image_comes_with_a_pull(client: docker.DockerClient) -> None:
    """What is offered is here when it was pulled, and no name of it when all is over."""
    with registries.image_registry(in_containers()) as offered:
        name = offered.gateway.replica.images.redis
        place = name.rpartition("/")[0]
        assert set(offered.pulled("former")) == set(SERVICES)
        offered.offer("newer")
        assert offered.pulled("newer") == ()
        client.images.pull(name)
        assert offered.pulled("newer") == ("redis",)
        offered.offer("former")
        assert offered.pulled("newer") == ("redis",)
        client.images.pull(name)
        assert offered.pulled("newer") == ()
    assert named(client, place) == []
    assert client.images.get("rehearsal/redis:8").tags


def test_killed_run_leaves_no_registry(client: docker.DockerClient) -> None:
    """The program, its files and the names of its images end with a run that is killed."""
    with subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, cwd=PROJECT) as run:
        assert run.stdout is not None
        place = json.loads(run.stdout.readline()).rpartition("/")[0]
        server = next(one for one in psutil.Process(run.pid).children() if registries.PROGRAM in one.name())
        assert len(named(client, place)) >= 2 * len(SERVICES)
        run.kill()
    wait_until(lambda: not server.is_running(), what="the end of a registry", timeout=10)
    wait_until(lambda: not named(client, place), what=f"the end of {place}", timeout=10)


def test_registry_that_does_not_start_says_why(
    client: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own words stand in the error, which comes at once."""
    del client
    program = tmp_path / registries.PROGRAM
    program.write_text("#!/bin/sh\necho no room for it >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ReplicaError, match="it ended: no room for it"), registries.image_registry(in_containers()):
        raise AssertionError
