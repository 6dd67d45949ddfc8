"""Brings a replica up: stores, password, schema, API and worker, until it answers through nginx."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import redis

from rehearsal.replica import token
from rehearsal.replica.processes import shell
from rehearsal.replica.processes.control import ControlError
from rehearsal.replica.protocol import ReplicaError
from rehearsal.replica.steps import Step, take_steps

if TYPE_CHECKING:
    from rehearsal.replica.processes.replica import ProcessReplica

_PAUSE_SECONDS = 0.01
_LAST_LINES = 8
_STATUS_LINE = 7


def bring_up(replica: ProcessReplica, deadline: float, *, whole: bool) -> tuple[str, ...]:
    """Return when the API answers through nginx and the worker is at work, with what did not come up.

    That is empty where the `whole` is asked for: it raises ReplicaError instead, as for what no check would find.
    """
    return take_steps(_steps(replica, deadline), whole=whole)


def _steps(replica: ProcessReplica, deadline: float) -> Iterator[Step]:
    """Yield each step of a start: its name, what it does, and the steps that it stands on."""

    def wait(service: str, look: Callable[[], str]) -> Callable[[], None]:
        return lambda: wait_for(replica, service, look, deadline)

    yield "postgres", wait("postgres", lambda: _asks_postgres(replica)), ()
    yield "password", lambda: set_password(replica), ["postgres"]
    yield "redis", wait("redis", lambda: _asks_redis(replica)), ()
    yield "schema", lambda: migrate(replica, deadline), ["postgres"]
    yield "programs", lambda: _start_own(replica), ()
    yield "token", lambda: token.plant(replica, replica.token), ["postgres", "redis"]
    yield "nginx", wait("nginx", partial(_probe, replica, "nginx")), ()
    yield "api", wait("api", partial(_probe, replica, "api")), ["programs", "postgres", "redis"]
    with replica.http() as client:
        yield "readiness", wait("api", lambda: _asks_readiness(replica, client)), ["nginx", "api"]
    yield "worker", wait("worker", lambda: _asks_worker(replica)), ["redis", "programs"]


def _start_own(replica: ProcessReplica) -> None:
    try:
        replica.control.ask("change", action="start", services=["api", "worker"])
    except ControlError as error:
        msg = f"expected the programs of api and worker to start, got: {error}; mend [replica.services] in gateway.toml"
        raise ReplicaError(msg) from None


def wait_for_service(replica: ProcessReplica, service: str, deadline: float) -> None:
    """Return when a service that was started answers. Raises ReplicaError."""
    looks = {"postgres": lambda: _asks_postgres(replica), "redis": lambda: _asks_redis(replica)}
    looks |= {"worker": lambda: _asks_worker(replica)}
    look = looks.get(service, partial(_probe, replica, service))
    wait_for(replica, service, look, deadline, restarts=_state(replica, service)["restarts"])


def wait_for(
    replica: ProcessReplica, service: str, look: Callable[[], str], deadline: float, restarts: int = 0
) -> None:
    """Wait until `look` returns nothing; what it returns is what was last seen.

    Raises ReplicaError at once when the service has ended or has more than these `restarts`, and at the deadline.
    """
    looks = 0
    while seen := look():
        looks += 1
        late = time.monotonic() >= deadline
        # Not with every look: each question costs those that are starting a little.
        if late or looks % 5 == 0:
            _check_alive(replica, service, restarts)
        if late:
            raise ReplicaError(_sentence(replica, service, f"not ready in time ({seen})"))
        time.sleep(_PAUSE_SECONDS)


def migrate(replica: ProcessReplica, deadline: float) -> None:
    """Bring the empty database to the current schema. Raises ReplicaError with the command's last lines."""
    command = _migration(replica)
    if not command:
        return
    api = next(service for service in replica.plan.services if service.name == "api")
    seconds = max(1.0, deadline - time.monotonic())
    run = shell.run_program(replica.control, command, api.directory, api.environment, seconds)
    if run.exit_code != 0:
        ended = "did not end in time" if run.exit_code is None else f"exit {run.exit_code}"
        said = _last(run.stderr or run.stdout)
        msg = f"expected `{' '.join(command)}` to bring the schema of {replica.name} up, got {ended}: {said}"
        raise ReplicaError(msg)


def _migration(replica: ProcessReplica) -> list[str]:
    gateway, programs = replica.gateway, replica.blueprint.programs
    if gateway.replica.migrate:
        return [str(programs.python) if word == "python" else word for word in gateway.replica.migrate]
    files = sorted(path.name for path in (gateway.directory / "migrations").glob("*.sql"))
    if not files:
        return []
    folder = f"{replica.plan.directory}/migrations"
    command = [f"{programs.postgres}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", replica.blueprint.sockets]
    command += ["-p", str(replica.blueprint.ports.postgres), "-U", gateway.postgres.user]
    command += ["-d", gateway.postgres.database]
    return command + [word for name in files for word in ("-f", f"{folder}/{name}")]


def set_password(replica: ProcessReplica) -> None:
    """Give the gateway's role the password of this replica. Raises psycopg.Error."""
    user = replica.gateway.postgres.user
    with replica.postgres("postgres") as connection:
        # Hashed here: the server's log never sees it.
        hashed = connection.pgconn.encrypt_password(
            replica.blueprint.secrets.postgres.encode(), user.encode(), b"scram-sha-256"
        ).decode()
        connection.execute(psycopg.sql.SQL("ALTER ROLE {} PASSWORD {}").format(psycopg.sql.Identifier(user), hashed))


def _asks_postgres(replica: ProcessReplica) -> str:
    # The server's own word first: asking earlier would leave a FATAL line in its log.
    words = read_status(replica)
    if words != "ready":
        return words or "no postmaster.pid"
    try:
        with replica.postgres("postgres") as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        return _one_line(error)
    return ""


def read_status(replica: ProcessReplica) -> str:
    """Return what PostgreSQL says of itself in its lock file: `starting`, `ready`; empty before it says anything."""
    try:
        path = f"{replica.plan.store.data}/postmaster.pid"
        with os.fdopen(replica.control.take("open", path=path), "rb") as file:
            lines = file.read(4096).decode(errors="replace").splitlines()
    except ControlError:
        return ""
    return lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else ""


def _asks_redis(replica: ProcessReplica) -> str:
    try:
        with replica.redis() as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        return _one_line(error)
    return ""


def _asks_readiness(replica: ProcessReplica, client: httpx.Client) -> str:
    try:
        answer = client.get(replica.gateway.http.readiness)
    except httpx.HTTPError as error:
        return _one_line(error)
    return "" if answer.is_success else f"{answer.request.url} answered {answer.status_code}"


def _asks_worker(replica: ProcessReplica) -> str:
    if _asks_redis(replica):
        # Without Redis a worker has nothing to answer with.
        return ""
    answer = replica.control.ask("connected", service="worker", port=replica.blueprint.ports.redis)
    return "" if answer["connected"] else "it has no connection to Redis"


def _probe(replica: ProcessReplica, service: str) -> str:
    plan = next(one for one in replica.plan.services if one.name == service)
    try:
        replica.connect(plan.port, 1.0).close()
    except OSError as error:
        return f"port {plan.port}: {_one_line(error)}"
    return ""


def _state(replica: ProcessReplica, service: str) -> dict[str, Any]:
    try:
        states: list[dict[str, Any]] = replica.control.ask("states")["services"]
    except ControlError as error:
        msg = f"expected {replica.name} to come up, its supervisor ended: {error}; {replica.box.words()}"
        raise ReplicaError(msg) from None
    return next(one for one in states if one["name"] == service)


def _check_alive(replica: ProcessReplica, service: str, restarts: int) -> None:
    state = _state(replica, service)
    if state["restarts"] > restarts or state["state"] in ("exited", "restarting"):
        raise ReplicaError(_sentence(replica, service, f"ended with exit {state['exit']}"))


def _sentence(replica: ProcessReplica, service: str, found: str) -> str:
    return (
        f"expected {service} of {replica.name} to start, found it {found}; its last log lines:"
        f" {_last(replica.logs(service, _LAST_LINES))}; mend what they name in {replica.gateway.directory}"
    )


def _last(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    # What restarts says the same again and again, but for time and process.
    news = {re.sub(r"\d+", "", line): line for line in lines}
    return " / ".join([*news.values()][-_LAST_LINES:]) or "(it said nothing)"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
