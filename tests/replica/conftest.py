"""Replicas of a tiny gateway, in each arrangement."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.replica.containers import engine
from rehearsal.replica.containers import launch as containers
from rehearsal.replica.containers.replica import ContainerReplica
from rehearsal.replica.processes.launch import start
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.replica.protocol import Replica, ReplicaError

Isolation = Literal["namespaces", "plain"]
ARRANGEMENTS: tuple[Isolation, ...] = ("namespaces", "plain")
KINDS = (*ARRANGEMENTS, "containers")
TINY = Path(__file__).parent / "tiny"


def tiny(directory: Path = TINY, **replica: object) -> Gateway:
    """Describe the tiny gateway, with other values for its replica."""
    services: dict[str, object] = {
        "api": {"command": ("python", "app/api.py"), "port": 3000},
        "worker": {"command": ("python", "app/worker.py")},
    }
    given: dict[str, object] = {
        "services": services,
        "memory_mib": 512,
        "disk_mib": 256,
        "ready_timeout_seconds": 60,
    } | replica
    return Gateway.model_validate({"directory": directory, "name": "tiny", "replica": given})


def open_or_skip(gateway: Gateway, isolation: Isolation) -> ProcessReplica:
    """Start a replica; where the kernel refuses namespaces, skip with its reason."""
    try:
        return start(gateway, isolation)
    except ReplicaError as error:
        if "expected the kernel to allow namespaces" in str(error):
            pytest.skip(str(error))
        raise


EVERYWHERE = "0.0.0.0"  # noqa: S104  within a container of an internal network


def in_containers(directory: Path = TINY, **replica: object) -> Gateway:
    """Describe the tiny gateway as one of containers, whose API is asked from another one."""
    services = {
        "api": {"command": ("python", "app/api.py"), "port": 3000, "environment": {"LISTEN": EVERYWHERE}},
        "worker": {"command": ("python", "app/worker.py")},
    }
    return tiny(directory, **{"services": services, "images": {"postgres": "postgres:17"}, **replica})


def contain_or_skip(gateway: Gateway) -> ContainerReplica:
    """Start a replica of containers; where there is no engine, or no images, skip with the reason."""
    try:
        engine.choose(engine.connect(), gateway, pull=False)
    except ReplicaError as error:
        pytest.skip(str(error))
    return containers.start(gateway)


def tiny_composed(folder: Path, compose: str) -> Path:
    """Copy the tiny gateway into `folder`, with a Compose file of this text beside it."""
    shutil.copytree(TINY, folder)
    (folder / "docker-compose.yml").write_text(compose)
    return folder


def of_kind(kind: str, directory: Path = TINY) -> Replica:
    """Start a replica of the tiny gateway, or of a changed copy of it: in namespaces, plain, or of containers."""
    if kind == "containers":
        return contain_or_skip(in_containers(directory))
    return open_or_skip(tiny(directory), "namespaces" if kind == "namespaces" else "plain")


@pytest.fixture(scope="module", params=KINDS)
def every(request: pytest.FixtureRequest) -> Iterator[Replica]:
    """A replica of each kind, that the tests of a module leave as they found it."""
    with of_kind(request.param) as replica:
        yield replica


@pytest.fixture(params=KINDS)
def each(request: pytest.FixtureRequest) -> Iterator[Replica]:
    """A replica of each kind, to break."""
    with of_kind(request.param) as replica:
        yield replica


@pytest.fixture
def another(each: Replica) -> Iterator[Replica]:
    """A second replica, of the same kind."""
    with of_kind(each.isolation) as replica:
        yield replica


@pytest.fixture(scope="module", params=ARRANGEMENTS)
def shared(request: pytest.FixtureRequest) -> Iterator[ProcessReplica]:
    """A replica that the tests of a module leave as they found it."""
    with open_or_skip(tiny(), request.param) as replica:
        yield replica


@pytest.fixture(params=ARRANGEMENTS)
def fresh(request: pytest.FixtureRequest) -> Iterator[ProcessReplica]:
    """A replica to break, in each arrangement."""
    with open_or_skip(tiny(), request.param) as replica:
        yield replica


@pytest.fixture(scope="module")
def sandboxed() -> Iterator[ProcessReplica]:
    """A replica in namespaces."""
    with open_or_skip(tiny(), "namespaces") as replica:
        yield replica


@pytest.fixture(scope="module")
def plain() -> Iterator[ProcessReplica]:
    """A replica of plain processes."""
    with start(tiny(), "plain") as replica:
        yield replica
