"""A replica of plain processes: `with ProcessReplica.start(gateway) as replica: …`."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg
import redis

from rehearsal.gateway.description import SERVICES
from rehearsal.gateway.target import CommandRun, NotOnThisTargetError, Resources, ServiceState
from rehearsal.replica import token as tokens
from rehearsal.replica.processes import plain, readings, shell, startup
from rehearsal.replica.processes.blueprint import Blueprint
from rehearsal.replica.processes.box import Box
from rehearsal.replica.processes.connections import ReplicaNetwork, ReplicaTransport, redis_client, require_inside
from rehearsal.replica.processes.control import Control, ControlError
from rehearsal.replica.processes.visible import hosts
from rehearsal.replica.protocol import Mail, ReplicaError

_CONNECT_SECONDS = 5


class ProcessReplica:
    """A throwaway gateway of real servers. `rehearsal.replica.processes.launch.start` makes one."""

    def __init__(self, blueprint: Blueprint, box: Box, token: str) -> None:
        self.blueprint, self.box, self.plan, self.gateway = blueprint, box, box.plan, blueprint.gateway
        self.control = Control(f"{box.view}/run/rehearsal/control", None if box.plan.root else box.init)
        self.troubles: tuple[str, ...] = ()
        self._token = token
        self._trusted = ssl.create_default_context(cadata=blueprint.certificate.certificate)

    @property
    def name(self) -> str:
        """As a person says it."""
        return f"replica of {self.gateway.name} ({self.kind}, {self.isolation})"

    @property
    def is_replica(self) -> bool:
        """This run made it."""
        return True

    @property
    def kind(self) -> str:
        """Plain processes, no containers."""
        return "processes"

    @property
    def isolation(self) -> str:
        """`namespaces` or `plain`."""
        return self.plan.isolation

    @property
    def missing_isolation(self) -> tuple[str, ...]:
        """What this arrangement can't keep apart."""
        return plain.MISSING if self.plan.root else ("a limit on memory",)

    @property
    def token(self) -> str:
        """The token of this run."""
        return self._token

    @property
    def secrets(self) -> tuple[str, ...]:
        """All secrets that were made for this replica, for whoever masks them."""
        made = self.blueprint.secrets
        return tuple(secret for secret in (made.postgres, made.redis, self._token) if secret)

    def run_script(self, script: str, *, timeout: float, environment: Mapping[str, str] | None = None) -> CommandRun:
        """Run a bash script in the gateway directory, as the operator.

        Raises TargetError when the supervisor can't be asked, NotOnThisTargetError for a script that would reach
        beyond a plain replica.
        """
        if self.plan.root:
            script = plain.prepare(script, self.plan, self.gateway)
        return shell.run_script(self.control, script, timeout, environment or {})

    def http(self, trusted: ssl.SSLContext | None = None) -> httpx.Client:
        """Return a new client that reaches this replica's nginx and nothing else, and trusts its certificate only."""
        network = ReplicaNetwork(self._connect_web, ("localhost", "127.0.0.1", *hosts(self.gateway)))
        return httpx.Client(
            base_url=self.gateway.http.url,
            transport=ReplicaTransport(trusted or self._trusted, network),
            timeout=self.gateway.http.timeout_seconds,
            trust_env=False,
        )

    def postgres(self, database: str | None = None, *, autocommit: bool = True) -> psycopg.Connection:
        """Return a new connection, with a statement time limit. Raises psycopg.OperationalError."""
        settings = self.gateway.postgres
        connection = psycopg.connect(
            host=f"{self.box.view}/run/postgresql",
            port=self.blueprint.ports.postgres,
            user=settings.user,
            dbname=database or settings.database,
            client_encoding="utf8",
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c statement_timeout={int(settings.statement_timeout_seconds * 1000)}",
            autocommit=autocommit,
        )
        if not self.plan.root:
            require_inside(connection, self.box.init)
        return connection

    def redis(self) -> redis.Redis:
        """Return a new client that answers bytes."""
        ports, secret = self.blueprint.ports, self.blueprint.secrets.redis
        return redis_client(self.connect, ports.redis, secret, self.gateway.redis.timeout_seconds)

    def connect(self, port: int, seconds: float) -> socket.socket:
        """Connect to a port of the replica. Raises OSError."""
        if self.plan.root:
            return socket.create_connection(("127.0.0.1", port), timeout=seconds)
        try:
            return socket.socket(fileno=self.control.take("connect", port=port, seconds=seconds))
        except ControlError as error:
            if error.errno:
                raise OSError(error.errno, os.strerror(error.errno)) from None
            raise ConnectionAbortedError(errno.ECONNABORTED, str(error)) from None

    def services(self) -> Sequence[ServiceState]:
        """Return the state of each service that gateway.toml names, in its order."""
        return readings.services(self.control, SERVICES)

    def logs(self, service: str, lines: int) -> str:
        """Return the last log lines of a service. Raises TargetError for one that it does not have."""
        return readings.last_lines(self.control.take("log", service=service), lines)

    def resources(self, interval: float) -> Resources:
        """Return the use of what the replica was given, over `interval` seconds."""
        return readings.resources(self.control, self.gateway, interval)

    def read_file(self, path: str, limit: int = 1 << 20) -> bytes:
        """Return up to `limit` bytes of a file as the replica sees it. Raises TargetError, NotOnThisTargetError."""
        if self.plan.root:
            path = plain.path_inside(path, self.plan)
        with open(self.control.take("open", path=path), "rb") as file:  # noqa: PTH123 - a descriptor
            return file.read(limit)

    def stop(self, service: str) -> None:
        """Stop a service in an orderly way."""
        self._change("stop", service)

    def start(self, service: str) -> None:
        """Start a service and return when it answers. Raises ReplicaError."""
        self._change("start", service)
        startup.wait_for_service(self, service, time.monotonic() + self.gateway.replica.ready_timeout_seconds)

    def kill(self, service: str) -> None:
        """End a service with SIGKILL, as a crash does; the restart policy applies."""
        self._change("kill", service, crash=True)

    def pause(self, service: str) -> None:
        """Freeze a service."""
        self._change("pause", service)

    def resume(self, service: str) -> None:
        """Undo `pause`."""
        self._change("resume", service)

    def cut(self, service: str) -> None:
        """Say that no service can be cut off. Raises NotOnThisTargetError."""
        msg = f"{service} can't be cut off: the services of a replica of processes share one network"
        raise NotOnThisTargetError(msg)

    def mend(self, service: str) -> None:
        """Say the same. Raises NotOnThisTargetError."""
        self.cut(service)

    def lose_volume(self, service: str) -> None:
        """Lose the data of `postgres` or `redis`; it then runs on a fresh store. Raises ReplicaError."""
        if service not in ("postgres", "redis"):
            msg = f"expected postgres or redis, whose data can be lost, got {service!r}"
            raise ReplicaError(msg)
        self._change("kill", service)
        try:
            self.control.ask("lose", service=service)
        except ControlError as error:
            msg = f"expected a fresh store for {service} of {self.name}, got: {error}"
            raise ReplicaError(msg) from None
        self.start(service)
        if service == "postgres":
            startup.set_password(self)
        self.plant_token()

    def pretend(self, cpu_percent: float, memory_percent: float) -> None:
        """Have /proc show another use of CPU and memory. Raises NotOnThisTargetError in the plain arrangement."""
        if self.plan.root:
            msg = "a plain replica has no resource figures of its own in /proc: nothing can be shown to a monitor there"
            raise NotOnThisTargetError(msg)
        self.control.ask("pretend", percents=[cpu_percent, memory_percent])

    def stop_pretending(self) -> None:
        """Have /proc show the replica's own use again."""
        if not self.plan.root:
            self.control.ask("pretend")

    def mails(self) -> Sequence[Mail]:
        """Return the mails that the sink has received, oldest first."""
        return readings.mails(self.control.take("mails"))

    def unsupported_commands(self) -> Sequence[str]:
        """Return the commands that had no meaning in this replica's shell."""
        return tuple(self.control.ask("unsupported")["commands"])

    def plant_token(self) -> None:
        """Plant the token again."""
        tokens.plant(self, self._token)

    def verify_token(self) -> None:
        """Refuse what does not carry this run's token. Raises RefusedError."""
        tokens.verify(self)

    def close(self) -> None:
        """End every process of the replica and remove its files."""
        self.box.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect_web(self, port: int, seconds: float) -> socket.socket:
        own = self.blueprint.ports.port(port)
        if own is None and self.plan.root:
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"nothing of the gateway listens on port {port}")
        return self.connect(own or port, seconds)

    def _change(self, action: str, service: str, **rest: Any) -> None:
        try:
            self.control.ask("change", action=action, services=[service], **rest)
        except ControlError as error:
            msg = f"expected to {action} {service} of {self.name}, got: {error}"
            raise ReplicaError(msg) from None
