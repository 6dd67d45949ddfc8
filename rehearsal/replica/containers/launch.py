"""Starts a replica of containers."""

from __future__ import annotations

import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import docker  # type: ignore[import-untyped]  # ships no types

from rehearsal.gateway.aliases import names_of_services, with_one_image
from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.replica import token as tokens
from rehearsal.replica.containers import engine, folder, override, stack, waiting
from rehearsal.replica.containers.confined import Confined
from rehearsal.replica.containers.door import Door
from rehearsal.replica.containers.engine import Images
from rehearsal.replica.containers.life import Life
from rehearsal.replica.containers.replica import ContainerReplica
from rehearsal.replica.containers.stack import Stack
from rehearsal.replica.processes import certificate
from rehearsal.replica.processes.drawing import demand_parts
from rehearsal.replica.processes.visible import hosts
from rehearsal.replica.protocol import ReplicaError
from rehearsal.replica.steps import Step, take_steps


def start(gateway: Gateway, *, whole: bool = True) -> ContainerReplica:
    """Start a replica and return when its API answers through nginx and its worker is at work.

    Raises ReplicaError; where not the `whole` is asked for, a service that does not come up is told by the replica's
    `troubles` instead.
    """
    demand_parts(gateway)
    client = engine.connect()
    images = engine.choose(client, gateway, pull=True)
    place = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    life = Life(client, f"{shown(gateway)}-{secrets.token_hex(4)}", place)
    try:
        replica, up = _make(gateway, client, images, life)
        deadline = time.monotonic() + gateway.replica.ready_timeout_seconds
        replica.troubles = take_steps(_steps(replica, up, deadline), whole=whole)
    except BaseException:
        life.end()
        raise
    return replica


def shown(gateway: Gateway) -> str:
    """Return the name of the Compose project as the runbook knows it."""
    return re.sub(r"[^a-z0-9]+", "-", gateway.name.lower()).strip("-") or "gateway"


def _make(gateway: Gateway, client: docker.DockerClient, images: Images, life: Life) -> tuple[ContainerReplica, Stack]:
    signed = certificate.make(["localhost", "127.0.0.1", *hosts(gateway)])
    copy, packages = folder.fill(life.folder, gateway, signed)
    made = {
        "postgres": secrets.token_urlsafe(24),
        "redis": secrets.token_urlsafe(24) if gateway.redis.password else "",
        "token": secrets.token_urlsafe(24),
        "certificate": signed.certificate,
    }
    folder.write_settings(copy, gateway, stack.addresses(gateway, made, "localhost", "localhost"))
    names = {"project": life.project, "run": life.project}
    given = stack.environment(gateway, images, life.folder, copy, names, made)
    given_to_it = override.write_override(life.folder, gateway, copy, packages)
    compose_files = (str(stack.COMPOSE_FILE), str(given_to_it))
    confined = Confined(
        life.project, shown(gateway), compose_files, names_of_services(gateway), with_one_image(gateway)
    )
    door = Door(confined, life.folder, given)
    door.open()
    return ContainerReplica(gateway, life, client, door, made), Stack(life.folder, given_to_it, given)


def _steps(replica: ContainerReplica, up: Stack, deadline: float) -> Iterator[Step]:
    """Yield each step of a start: its name, what it does, and the steps that it stands on."""
    looks = waiting.looks(replica)

    def wait(service: str, look: Callable[[], str]) -> Callable[[], None]:
        return lambda: waiting.wait_for(replica, service, look, deadline)

    life = replica.life
    yield "containers", up.create, ()
    yield "stores", lambda: life.start("operator", "smtp", "postgres", "redis"), ()
    yield "operator", wait("operator", lambda: _asks_operator(replica)), ()
    yield "postgres", wait("postgres", looks["postgres"]), ()
    yield "redis", wait("redis", looks["redis"]), ()
    yield "schema", lambda: _migrate(replica, deadline), ["postgres"]
    yield "programs", lambda: life.start("api", "worker", "nginx"), ()
    yield "token", lambda: tokens.plant(replica, replica.token), ["postgres", "redis"]
    yield "api", wait("api", looks["api"]), ["programs", "postgres", "redis"]
    # After the API: an nginx whose API has ended does not find its name, and would be told in its place.
    yield "nginx", wait("nginx", looks["nginx"]), ()
    yield "readiness", wait("api", lambda: waiting.asks_readiness(replica)), ["nginx", "api"]
    yield "worker", wait("worker", looks["worker"]), ["redis", "programs"]
    for name in SERVICES:
        yield f"health of {name}", wait(name, partial(waiting.asks_health, replica, name)), [name]


def _asks_operator(replica: ContainerReplica) -> str:
    return "" if (replica.life.folder / "run" / "control").exists() else "it does not listen yet"


def _migrate(replica: ContainerReplica, deadline: float) -> None:
    """Bring the empty database to the current schema. Raises ReplicaError with the command's last lines."""
    gateway, seconds = replica.gateway, max(1.0, deadline - time.monotonic())
    if gateway.replica.migrate:
        code, said = replica.life.run_once("migrate", seconds)
        if code != 0:
            command, ended = " ".join(gateway.replica.migrate), f"exit {code}" if code else "no end in time"
            msg = f"expected `{command}` to bring the schema of {replica.name} up, got {ended}: {said}"
            raise ReplicaError(msg)
        return
    files = sorted(path.name for path in (gateway.directory / "migrations").glob("*.sql"))
    words = " ".join(f"-f migrations/{name}" for name in files)
    script = (
        f"PGPASSWORD=$DB_PASSWORD psql -X -q -v ON_ERROR_STOP=1 -h $DB_HOST -p $DB_PORT -U $DB_USER -d $DB_NAME {words}"
    )
    if files and not (run := replica.run_script(script, timeout=seconds)).ok:
        msg = f"expected migrations/*.sql to bring the schema of {replica.name} up, psql {run.ending}"
        raise ReplicaError(msg)
