"""This machine as a live host with a real engine: what other tests read from a stand-in is what Docker says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.gateway.description import SERVICES
from rehearsal.live import open_live
from rehearsal.replica.containers.replica import ContainerReplica
from tests.live.conftest import MakeGateway
from tests.replica.conftest import contain_or_skip, in_containers


@pytest.fixture(scope="module")
def stack() -> Iterator[ContainerReplica]:
    """A stack of containers that Compose has started."""
    with contain_or_skip(in_containers()) as replica:
        yield replica


def test_stack_of_containers_is_described(stack: ContainerReplica, gateway: MakeGateway) -> None:
    """States, logs and disks of a real stack are seen, of the project that gateway.toml names."""
    with open_live("local://", gateway(live={"project": stack.life.project})) as target:
        states = target.services()
        assert [(one.name, one.running, one.restarts, one.certain) for one in states] == [
            (name, True, 0, True) for name in SERVICES
        ]
        assert {one.name for one in states if one.healthy} >= {"nginx", "postgres", "redis"}
        assert "ready to accept connections" in target.logs("postgres", 50)
        assert f"{stack.life.project}_postgres" in " ".join(disk.mount for disk in target.resources(0.1).disks)
        assert target.commands == 2


def test_container_is_found_by_its_own_name(stack: ContainerReplica, gateway: MakeGateway) -> None:
    """A container that live.services names is that service, whatever Compose calls it; a stopped one is down."""
    name = f"{stack.life.project}-operator-1"
    live = {"project": stack.life.project, "services": {"worker": name, "api": "smtp"}}
    with open_live("local://", gateway(live=live)) as target:
        running = {one.name: one.running for one in target.services()}
        assert running == dict.fromkeys(SERVICES, True)
    stack.stop("redis")
    try:
        with open_live("local://", gateway(live=live)) as target:
            redis = next(one for one in target.services() if one.name == "redis")
            assert (redis.running, redis.detail.startswith("Exited")) == (False, True)
    finally:
        stack.start("redis")


def test_container_is_a_host(stack: ContainerReplica, gateway: MakeGateway) -> None:
    """docker://container asks a real container."""
    live = {"directory": "/", "read_only": ["ls /opt/rehearsal"]}
    with open_live(f"docker://{stack.life.project}-operator-1", gateway(live=live)) as target:
        assert target.run_script("ls /opt/rehearsal", timeout=30).stdout == "rehearsal\n"
