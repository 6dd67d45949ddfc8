"""A replica of containers; `rehearsal.replica.containers.launch.start` makes one."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import docker  # type: ignore[import-untyped]  # ships no types
import httpx
import psycopg
import redis
from docker.errors import DockerException  # type: ignore[import-untyped]  # ships no types
from docker.models.containers import Container  # type: ignore[import-untyped]  # ships no types

from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.sockets import SocketNetwork, SocketTransport, redis_over
from rehearsal.gateway.target import CommandRun, NotOnThisTargetError, Resources, ServiceState, TargetError
from rehearsal.replica import token as tokens
from rehearsal.replica.containers import readings
from rehearsal.replica.containers.door import Door
from rehearsal.replica.containers.life import Life
from rehearsal.replica.containers.waiting import wait_for_service
from rehearsal.replica.processes import shell
from rehearsal.replica.processes.control import Control, ControlError
from rehearsal.replica.processes.readings import mails
from rehearsal.replica.processes.visible import hosts
from rehearsal.replica.protocol import Mail, ReplicaError

_CONNECT_SECONDS = 5
_DF = "/usr/bin/df -B1 --output=target,size,used,itotal,iused /var/lib/rehearsal/postgres ./redis-data"


class ContainerReplica:
    """A throwaway gateway of real servers in containers."""

    def __init__(
        self, gateway: Gateway, life: Life, client: docker.DockerClient, door: Door, made: Mapping[str, str]
    ) -> None:
        """`made` are the certificate, both passwords and the token, made for this replica."""
        self.gateway, self.life, self.door = gateway, life, door
        self.troubles: tuple[str, ...] = ()
        self.control = Control(str(life.folder / "run" / "control"))
        self._client, self._made = client, dict(made)
        self._trusted = ssl.create_default_context(cadata=made["certificate"])

    @property
    def name(self) -> str:
        """As a person says it."""
        return f"replica of {self.gateway.name} (containers)"

    @property
    def is_replica(self) -> bool:
        """This run made it."""
        return True

    @property
    def kind(self) -> str:
        """Containers."""
        return "containers"

    @property
    def isolation(self) -> str:
        """An internal network, and a file system for each."""
        return "containers"

    @property
    def missing_isolation(self) -> tuple[str, ...]:
        """The gateway directory's copy lies on the machine's disk."""
        return ("a limit on the disk of the gateway directory",)

    @property
    def token(self) -> str:
        """The token of this run."""
        return self._made["token"]

    @property
    def secrets(self) -> tuple[str, ...]:
        """All secrets that were made for this replica, for whoever masks them."""
        return tuple(filter(None, (self._made["postgres"], self._made["redis"], self.token)))

    def run_script(self, script: str, *, timeout: float, environment: Mapping[str, str] | None = None) -> CommandRun:
        """Run a bash script in the copy of the gateway directory, in the operator's container. Raises TargetError."""
        return shell.run_script(self.control, script, timeout, environment or {})

    def http(self, trusted: ssl.SSLContext | None = None) -> httpx.Client:
        """Return a new client that reaches this replica's nginx and nothing else, and trusts its certificate only."""
        network = SocketNetwork(self._connect_web, ("localhost", "127.0.0.1", *hosts(self.gateway)))
        return httpx.Client(
            base_url=self.gateway.http.url,
            transport=SocketTransport(trusted or self._trusted, network),
            timeout=self.gateway.http.timeout_seconds,
            trust_env=False,
        )

    def postgres(self, database: str | None = None, *, autocommit: bool = True) -> psycopg.Connection:
        """Return a new connection, with a statement time limit. Raises psycopg.OperationalError."""
        settings = self.gateway.postgres
        return psycopg.connect(
            host=str(self.life.folder / "sockets"),
            port=settings.port,
            user=settings.user,
            password=self._made["postgres"],
            dbname=database or settings.database,
            client_encoding="utf8",
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c statement_timeout={int(settings.statement_timeout_seconds * 1000)}",
            autocommit=autocommit,
        )

    def redis(self) -> redis.Redis:
        """Return a new client that answers bytes."""
        settings = self.gateway.redis
        return redis_over(
            lambda seconds: self.connect("redis", settings.port, seconds),
            self._made["redis"],
            settings.timeout_seconds,
        )

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """Connect to a service, from inside its network. Raises OSError."""
        try:
            return socket.socket(fileno=self.control.take("connect", host=host, port=port, seconds=seconds))
        except ControlError as error:
            if error.errno:
                raise OSError(error.errno, os.strerror(abs(error.errno))) from None
            raise ConnectionAbortedError(errno.ECONNABORTED, str(error)) from None

    def services(self) -> Sequence[ServiceState]:
        """Return the state of each service that gateway.toml names, in its order."""
        found = self.life.containers()
        return tuple(readings.state(name, found.get(name)) for name in SERVICES)

    def logs(self, service: str, lines: int) -> str:
        """Return the last log lines of a service. Raises TargetError for one that it does not have."""
        try:
            said: bytes = self._container(service).logs(tail=lines)
        except DockerException as error:
            msg = f"expected the log of {service} of {self.name}, got: {error}"
            raise TargetError(msg) from None
        return said.decode(errors="replace")

    def resources(self, interval: float) -> Resources:
        """Return the use of what the replica was given, over `interval` seconds."""
        table = self.run_script(_DF, timeout=10).stdout
        return readings.resources(self.life.containers(), self.gateway, interval, readings.disks(table))

    def read_file(self, path: str, limit: int = 1 << 20) -> bytes:
        """Return up to `limit` bytes of a file as the operator sees it. Raises TargetError."""
        with open(self.control.take("open", path=path), "rb") as file:  # noqa: PTH123 - a descriptor
            return file.read(limit)

    def stop(self, service: str) -> None:
        """Stop a service in an orderly way; it stays down."""
        self._do(service, "stop", lambda one: one.stop(timeout=10))

    def start(self, service: str) -> None:
        """Start a service and return when it answers. Raises ReplicaError."""
        self._do(service, "start", lambda one: one.start())
        wait_for_service(self, service)

    def kill(self, service: str) -> None:
        """End a service with SIGKILL, as a crash does; the restart policy applies."""
        # Not `docker kill`, which the engine takes for an operator's wish: the process is ended from inside.
        self._do(service, "kill", self.life.crash)

    def pause(self, service: str) -> None:
        """Freeze a service."""
        self._do(service, "pause", lambda one: one.pause())

    def resume(self, service: str) -> None:
        """Undo `pause`."""
        self._do(service, "resume", lambda one: one.unpause())

    def cut(self, service: str) -> None:
        """Cut a service off the network; it runs on. PostgreSQL is then reached by this run alone, by its socket."""
        self._do(service, "cut off", lambda one: self.life.network().disconnect(one))

    def mend(self, service: str) -> None:
        """Undo `cut`: the service has its name again, and perhaps another address."""
        self._do(service, "mend the network of", lambda one: self.life.network().connect(one, aliases=[service]))

    def lose_volume(self, service: str) -> None:
        """Lose the data of `postgres` or `redis`; it then runs on a fresh store. Raises ReplicaError."""
        places = {"postgres": "/var/lib/rehearsal/postgres", "redis": "./redis-data"}
        if service not in places:
            msg = f"expected postgres or redis, whose data can be lost, got {service!r}"
            raise ReplicaError(msg)
        self._do(service, "kill", lambda one: one.kill())
        emptied = self.run_script(f"find {places[service]} -mindepth 1 -delete", timeout=60)
        if not emptied.ok:
            msg = f"expected to empty the volume of {service} of {self.name}, `find` {emptied.ending}"
            raise ReplicaError(msg)
        self.start(service)
        self.plant_token()

    def pretend(self, cpu_percent: float, memory_percent: float) -> None:  # noqa: ARG002  the contract's
        """Raise NotOnThisTargetError: /proc of a container is the machine's, and only the engine could change that."""
        msg = (
            "/proc of a container shows the machine's CPU and memory: no other figures can be shown to a monitor there"
        )
        raise NotOnThisTargetError(msg)

    def stop_pretending(self) -> None:
        """Do nothing: nothing was pretended."""

    def mails(self) -> Sequence[Mail]:
        """Return the mails that the sink has received, oldest first."""
        return mails(self.control.take("open", path=str(self.life.folder / "mails" / "mails")))

    def unsupported_commands(self) -> Sequence[str]:
        """Return the commands that had no meaning in this replica's shell."""
        return tuple(self.door.unsupported)

    @property
    def lacks_compose1(self) -> bool:
        """Whether this machine has no `docker-compose`, which its operators would miss."""
        return shutil.which("docker-compose") is None

    def plant_token(self) -> None:
        """Plant the token again."""
        tokens.plant(self, self.token)

    def close(self) -> None:
        """Remove every container, network and volume of the replica, and its files."""
        self._client.close()
        self.life.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect_web(self, _host: str, port: int, seconds: float) -> socket.socket:
        return self.connect("nginx", port, seconds)

    def _container(self, service: str) -> Container:
        found = self.life.containers().get(service)
        if found is None:
            msg = f"expected one of {', '.join(SERVICES)} in {self.name}, no such service: {service}"
            raise TargetError(msg)
        return found

    def _do(self, service: str, verb: str, act: Callable[[Container], object]) -> None:
        try:
            act(self._container(service))
        except (DockerException, TargetError) as error:
            msg = f"expected to {verb} {service} of {self.name}, got: {' '.join(str(error).split())}"
            raise ReplicaError(msg) from None
