"""A PostgreSQL, a Valkey and an SMTP sink for the whole session; a database, a queue and processes for each test."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import redis

from tests.gateway.operator_shell import Shell
from tests.gateway.servers import GATEWAY, PASSWORD, Postgres, Server, Valkey, app_server, free_port, until
from tests.gateway.sink import Sink


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """Return a folder whose path is short enough for a unix socket, and open to the user that PostgreSQL runs as."""
    with tempfile.TemporaryDirectory(prefix="gw-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def postgres_server(short_folder: Path) -> Iterator[Postgres]:
    """Return a running cluster with the gateway's schema in the database `template_gateway`."""
    folder = short_folder / "pg"
    folder.mkdir(mode=0o755)
    server = Postgres(folder)
    server.start()
    try:
        server.ready()
        with server.connect() as conn:
            conn.execute("CREATE DATABASE template_gateway")
        migrate(server, "template_gateway")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def valkey_server(short_folder: Path) -> Iterator[Valkey]:
    """Return a running Valkey with the gateway's redis.conf."""
    folder = short_folder / "valkey"
    folder.mkdir()
    server = Valkey(folder)
    server.start()
    try:
        server.ready()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sink_server() -> Iterator[Sink]:
    """Return a listening SMTP sink."""
    sink = Sink(free_port())
    sink.start()
    yield sink
    sink.stop()


def migrate(server: Postgres, database: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m app.migrate` on a database."""
    environment = {"DB_HOST": "127.0.0.1", "DB_PORT": str(server.port), "DB_PASSWORD": PASSWORD, "DB_NAME": database}
    command = [sys.executable, "-m", "app.migrate"]
    return subprocess.run(
        command, cwd=GATEWAY, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@dataclass
class Gateway:
    """One gateway: its own database and queue on the session's servers, and the processes that a test starts."""

    postgres: Postgres
    valkey: Valkey
    sink: Sink
    folder: Path
    database: str
    prefix: str
    api_port: int
    servers: list[Server] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What the gateway's processes are told."""
        return {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(self.postgres.port),
            "DB_NAME": self.database,
            "DB_PASSWORD": PASSWORD,
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": str(self.valkey.port),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.sink.port),
            "QUEUE_PREFIX": self.prefix,
            "RETRY_DELAY_MS": "100",
            "PORT": str(self.api_port),
        }

    def start(self, module: str, **environment: str) -> Server:
        """Start `api` or `worker`; it is ended with the test."""
        server = app_server(module, self.folder, self.environment | environment)
        self.servers.append(server)
        server.start()
        if module == "api":
            until("the API", lambda: self.ask("/v1/health/healthz").status_code == httpx.codes.OK)
        return server

    def ask(self, path: str) -> httpx.Response:
        """GET a path of the API."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.api_port}{path}", timeout=10)
        except httpx.TransportError as problem:
            raise OSError(str(problem)) from problem

    def submit(self, key: str | None = None, **mail: object) -> httpx.Response:
        """Hand in a mail."""
        mail = {"to": "reader@example.org", "subject": "Olá", "text": "Bom dia.\n"} | mail
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        url = f"http://127.0.0.1:{self.api_port}/v1/emails"
        return httpx.post(url, content=json.dumps(mail), headers=headers, timeout=10)

    def accepted(self, key: str | None = None, **rest: object) -> str:
        """Hand in a mail that must be accepted, and return its id."""
        answer = self.submit(key, **rest)
        assert answer.status_code in (200, 202), answer.text
        return str(answer.json()["id"])

    def sql(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Run one statement in the gateway's database; returns its rows, if any."""
        with self.postgres.connect(self.database) as conn:
            cursor = conn.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def row_state(self, mail_id: str) -> str | None:
        """Return the state in a mail's row."""
        rows = self.sql("SELECT state::text FROM email_outbox WHERE id = %s", mail_id)
        return str(rows[0][0]) if rows else None

    def key(self, name: str) -> str:
        """Return the name of a key of the queue."""
        return f"{self.prefix}:email-send:{name}"

    @property
    def redis(self) -> redis.Redis:
        """Return a client of its Redis."""
        return self.valkey.client()


@pytest.fixture
def gateway(postgres_server: Postgres, valkey_server: Valkey, sink_server: Sink, tmp_path: Path) -> Iterator[Gateway]:
    """Return a gateway with an up-to-date empty schema and no process running yet."""
    name = f"gw_{uuid.uuid4().hex[:8]}"
    with postgres_server.connect() as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE template_gateway".encode())
    sink_server.reset()
    made = Gateway(postgres_server, valkey_server, sink_server, tmp_path, name, name, free_port())
    try:
        yield made
    finally:
        for server in made.servers:
            server.kill()
        with postgres_server.connect() as conn:
            conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@pytest.fixture
def shell(gateway: Gateway, tmp_path: Path) -> Iterator[Shell]:
    """Return an operator's shell beside a gateway, with a Redis of its own that is not running yet."""
    (tmp_path / "redis").mkdir()
    made = Shell(tmp_path / "shell", gateway.postgres, Valkey(tmp_path / "redis"), gateway.database)
    try:
        yield made
    finally:
        made.end_redis()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a file system of 1 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, timeout=10, check=False).returncode:
        pytest.skip("this user can't mount a file system of limited size")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], timeout=10, check=True)
