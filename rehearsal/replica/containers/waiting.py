"""Waits until the services of a replica of containers answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import psycopg
import redis

from rehearsal.gateway.queue import look
from rehearsal.gateway.target import TargetError
from rehearsal.replica.containers import readings
from rehearsal.replica.processes.addresses import api_port, listening
from rehearsal.replica.protocol import ReplicaError
from rehearsal.snapshot import SnapshotError

if TYPE_CHECKING:
    from rehearsal.replica.containers.replica import ContainerReplica

_PAUSE_SECONDS = 0.03
_LAST_LINES = 8
_STARTS = 3
"""So many starts' lines are looked at where one follows the other: the last may not have come to its error yet."""
_POSTMASTER = "/var/lib/rehearsal/postgres/postmaster.pid"
_SMTP_PORT = 1025
_ENDED = ("Restarting", "Exited")


def wait_for(
    replica: ContainerReplica, service: str, look_at: Callable[[], str], deadline: float, restarts: int = 0
) -> None:
    """Wait until `look_at` returns nothing; what it returns is what was last seen.

    Raises ReplicaError at once when the container has ended or has more than these `restarts`, and at the deadline,
    with the service's last words.
    """
    looks = 0
    while seen := look_at():
        looks += 1
        late = time.monotonic() >= deadline
        if late or looks % 10 == 0:
            state = readings.state(service, replica.life.containers().get(service))
            if state.restarts > restarts or state.detail.startswith(_ENDED) or state.detail == "no container":
                again = f"started again {state.restarts} times by itself, now " if state.restarts else ""
                starts = _STARTS if state.restarts else 1
                raise ReplicaError(_sentence(replica, service, again + state.detail, starts))
        if late:
            raise ReplicaError(_sentence(replica, service, f"not ready in time ({seen})"))
        time.sleep(_PAUSE_SECONDS)


def wait_for_service(replica: ContainerReplica, service: str) -> None:
    """Return when a service that was started answers. Raises ReplicaError."""
    deadline = time.monotonic() + replica.gateway.replica.ready_timeout_seconds
    before = readings.state(service, replica.life.containers().get(service)).restarts
    wait_for(replica, service, looks(replica)[service], deadline, before)


def looks(replica: ContainerReplica) -> dict[str, Callable[[], str]]:
    """Return for each service how it is asked whether it answers: nothing, or what was seen instead."""
    web = (listening(replica.gateway) or [80])[0]
    return {
        "postgres": lambda: asks_postgres(replica),
        "redis": lambda: asks_redis(replica),
        "nginx": lambda: _asks_port(replica, "nginx", web),
        "api": lambda: _asks_port(replica, "api", api_port(replica.gateway)),
        "worker": lambda: asks_worker(replica),
        "smtp": lambda: _asks_port(replica, "smtp", _SMTP_PORT),
    }


def asks_postgres(replica: ContainerReplica) -> str:
    """Ask PostgreSQL for anything, once it says that it is ready: before, a question is an error in its log.

    The port tells it from the server without one that an image makes its database with.
    """
    if seen := _asks_port(replica, "postgres", replica.gateway.postgres.port):
        return seen
    try:
        if b"ready" not in replica.read_file(_POSTMASTER).splitlines()[-1]:
            return "it is starting up"
    except (TargetError, IndexError) as error:
        return _one_line(error)
    try:
        with replica.postgres("postgres") as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        return _one_line(error)
    return ""


def asks_redis(replica: ContainerReplica) -> str:
    """Ask Redis for anything."""
    try:
        with replica.redis() as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        return _one_line(error)
    return ""


def asks_health(replica: ContainerReplica, service: str) -> str:
    """Ask what the engine's probe of a service says, where it has one."""
    state = readings.state(service, replica.life.containers().get(service))
    return "its probe does not succeed" if state.healthy is False else ""


def asks_readiness(replica: ContainerReplica) -> str:
    """Ask the API through nginx."""
    try:
        with replica.http() as client:
            answer = client.get(replica.gateway.http.readiness)
    except (httpx.HTTPError, OSError) as error:
        return _one_line(error)
    return "" if answer.is_success else f"{answer.request.url} answered {answer.status_code}"


def asks_worker(replica: ContainerReplica) -> str:
    """Ask whether a worker listens on the queue; a worker of another kind is at work when it runs."""
    if not readings.state("worker", replica.life.containers().get("worker")).running:
        return "it does not run"
    try:
        return "" if look(replica, replica.gateway.queue).workers else "it does not listen on the queue"
    except SnapshotError:
        # No queue yet: it is made with the first job. Who speaks to Redis is at work.
        return "" if _speaks_to_redis(replica) else "it has no connection to Redis"
    except (redis.RedisError, TargetError, OSError) as error:
        return _one_line(error)


def _speaks_to_redis(replica: ContainerReplica) -> bool:
    container = replica.life.containers()["worker"]
    networks = container.attrs["NetworkSettings"]["Networks"].values()
    own = {network["IPAddress"] for network in networks}
    with replica.redis() as client:
        return any(one["addr"].rpartition(":")[0] in own for one in client.client_list())


def _asks_port(replica: ContainerReplica, host: str, port: int) -> str:
    try:
        replica.connect(host, port, 1.0).close()
    except (OSError, TargetError) as error:
        return f"port {port}: {_one_line(error)}"
    return ""


def _sentence(replica: ContainerReplica, service: str, found: str, starts: int = 1) -> str:
    try:
        lines = [line.strip() for line in replica.logs(service, starts * _LAST_LINES).splitlines() if line.strip()]
    except TargetError:
        lines = []
    # Times and process ids tell two starts apart, and nothing else.
    words = " / ".join({re.sub(r"\d+", "", line): line for line in lines}.values()) or "(it said nothing)"
    return (
        f"expected {service} of {replica.name} to start, found it {found}; its last log lines: {words};"
        f" mend what they name in {replica.gateway.directory}"
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
