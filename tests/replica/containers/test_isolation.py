"""What a replica of containers keeps apart: the network, the engine, the disk, and others beside it."""

from __future__ import annotations

from collections.abc import Iterator

import docker  # type: ignore[import-untyped]  # ships no types
import psycopg
import pytest

from rehearsal.replica.containers.replica import ContainerReplica
from tests.replica.conftest import contain_or_skip, in_containers


@pytest.fixture(scope="module")
def replica() -> Iterator[ContainerReplica]:
    """A replica that the tests leave as they found it."""
    with contain_or_skip(in_containers()) as made:
        yield made


@pytest.fixture(scope="module")
def bystander() -> Iterator[ContainerReplica]:
    """Another one, which nobody may reach."""
    with contain_or_skip(in_containers()) as made:
        yield made


def test_other_networks_are_out_of_reach(replica: ContainerReplica, bystander: ContainerReplica) -> None:
    """Nothing is published, and no packet leaves the network: another one's nginx, which answers its own, is silent."""
    containers = bystander.life.containers()
    (network,) = containers["nginx"].attrs["NetworkSettings"]["Networks"].values()
    ask = f"timeout 2 bash -c 'exec 3<>/dev/tcp/{network['IPAddress']}/80'"
    assert bystander.run_script(ask, timeout=10).ok
    assert not replica.run_script(ask, timeout=10).ok
    for container in (*containers.values(), *replica.life.containers().values()):
        container.reload()
        ports = container.attrs["NetworkSettings"]["Ports"]
        assert not [bound for bound in ports.values() if bound]


def test_memory_and_processes_are_limited(replica: ContainerReplica) -> None:
    """Every container has a limit on memory and on processes."""
    for container in replica.life.containers().values():
        assert container.attrs["HostConfig"]["Memory"] == 512 << 20
        assert 0 < container.attrs["HostConfig"]["PidsLimit"] <= 512


@pytest.mark.parametrize(
    "command",
    [
        "docker rm -f {other}",
        "docker stop {other}",
        "docker exec {other} true",
        "docker kill {id}",
        "docker logs {id}",
        "docker cp {other}:/etc/hostname .",
        "docker run --rm -v /:/host rehearsal/base true",
        "docker compose run -v /:/host redis true",
        "docker compose run --volume=/:/host redis true",
        "docker -H unix:///var/run/docker.sock ps",
        "docker --context default stop {other}",
        "docker system prune -af --volumes --filter label!=nothing",
        "docker volume rm {project}_redis",
        "docker network disconnect {project}_inside {other}",
        "docker update --memory 1g {other}",
        "docker compose down -v",
    ],
)
def test_docker_reaches_no_other_project(replica: ContainerReplica, bystander: ContainerReplica, command: str) -> None:
    """A command of the runbook can't touch what is not this replica's, however it names it, and is noted."""
    other = bystander.life.containers()["redis"]
    text = command.format(other=other.name, id=other.short_id, project=bystander.life.project)
    run = replica.run_script(text, timeout=30)
    assert not run.ok, run
    other.reload()
    assert other.status == "running"
    assert other.attrs["RestartCount"] == 0
    assert all(state.running for state in (*bystander.services(), *replica.services()))
    volumes = docker.from_env().volumes.list(filters={"label": f"com.docker.compose.project={bystander.life.project}"})
    assert len(volumes) >= 2


@pytest.mark.parametrize("command", ["system prune -af --volumes", "volume prune -f", "container prune -f"])
def test_prune_takes_its_own_only(replica: ContainerReplica, bystander: ContainerReplica, command: str) -> None:
    """A prune takes what is stopped of this replica, and nothing of another one or of the machine."""
    bystander.stop("worker")
    replica.stop("worker")
    images = len(docker.from_env().images.list())
    try:
        run = replica.run_script(f"docker {command}", timeout=60)
        assert run.ok, run
        assert "worker" in bystander.life.containers()
        assert ("worker" in replica.life.containers()) is command.startswith("volume")
        assert len(docker.from_env().images.list()) == images
        assert replica.run_script("docker-compose up -d worker", timeout=60).ok
    finally:
        bystander.start("worker")


@pytest.mark.parametrize("named", ["-p {project}", "--project-name={project}", "-f /etc/other.yml"])
def test_compose_knows_one_project(replica: ContainerReplica, bystander: ContainerReplica, named: str) -> None:
    """Whatever project or file a runbook gives Compose, what is stopped is this replica's."""
    command = f"docker-compose {named} stop worker".format(project=bystander.life.project)
    replica.run_script(command, timeout=60)
    try:
        assert all(state.running for state in bystander.services())
    finally:
        replica.start("worker")


def test_ps_shows_this_replica_only(replica: ContainerReplica, bystander: ContainerReplica) -> None:
    """`docker ps` and `docker stats` show this replica's containers, and no other's."""
    for command in ("docker ps -a", "docker stats --no-stream", "docker compose ps"):
        seen = replica.run_script(command, timeout=30)
        assert seen.ok, seen
        assert "redis" in seen.stdout
        assert bystander.life.project not in seen.stdout


def test_two_keep_their_own_stores(replica: ContainerReplica, bystander: ContainerReplica) -> None:
    """What is written in one is not in the other."""
    with replica.redis() as one, bystander.redis() as other:
        one.set("mine", "1")
        assert other.get("mine") is None
        one.delete("mine")
    assert replica.token != bystander.token


def test_full_disk_is_full() -> None:
    """PostgreSQL's disk has the size that was given: what does not fit is refused, and the machine's is not filled."""
    with contain_or_skip(in_containers(disk_mib=160)) as small:
        fill = small.run_script("fallocate -l 1G /var/lib/rehearsal/postgres/ballast", timeout=30)
        assert not fill.ok
        head = "head -c 200M /dev/zero > /var/lib/rehearsal/postgres/ballast"
        assert "No space left" in small.run_script(head, timeout=30).stderr
        with small.postgres() as connection, pytest.raises(psycopg.Error):
            connection.execute("CREATE TABLE much AS SELECT repeat('x', 999) AS x FROM generate_series(1, 100000)")
        shown = small.run_script("df", timeout=10).stdout
        assert "100%" in shown, shown
