"""Replicas of a tiny gateway, in each arrangement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.replica.processes.launch import start
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.replica.protocol import ReplicaError

Isolation = Literal["namespaces", "plain"]
ARRANGEMENTS: tuple[Isolation, ...] = ("namespaces", "plain")
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
        "ready_timeout_seconds": 20,
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
