"""The gateway's HTTP, PostgreSQL and Redis on a live host: from here, or through the host's SSH connection."""

from __future__ import annotations

import socket
import ssl
from contextlib import ExitStack, closing
from functools import cached_property
from pathlib import Path

import httpx
import psycopg
import redis
from redis import ConnectionPool

from rehearsal.gateway.description import Gateway, SecretSource
from rehearsal.gateway.load import GatewayError, read_secret
from rehearsal.gateway.sockets import LentTransport, SocketNetwork, SocketTransport, redis_pool
from rehearsal.gateway.target import RefusedError, TargetError
from rehearsal.live.connection import SshConnection

_READING = ("GET", "HEAD", "OPTIONS")
_CONNECT_SECONDS = 5


class Reach:
    """Clients of one live gateway; none of them may change it, but for the key that a check of Redis makes.

    They share connections, which are kept until `close`: to a host that is far away, each costs several round trips.
    """

    def __init__(self, gateway: Gateway, ssh: SshConnection | None) -> None:
        self._gateway = gateway
        self._ssh = ssh if gateway.live.reach == "ssh" else None
        self._kept = ExitStack()

    def http(self, trusted: ssl.SSLContext | None = None) -> httpx.Client:
        """Return a new client that only reads, and checks certificates, or does as `trusted` says.

        Raises TargetError for a bad ca_file.
        """
        settings = self._gateway.http
        return httpx.Client(
            base_url=settings.url,
            transport=LentTransport(self._transport) if trusted is None else self._transport_that(trusted),
            timeout=settings.timeout_seconds,
            trust_env=False,
            event_hooks={"request": [_only_reads]},
        )

    def postgres(self, database: str | None, *, autocommit: bool) -> psycopg.Connection:
        """Return a new session that only reads. Raises psycopg.OperationalError, TargetError."""
        settings = self._gateway.postgres
        host = settings.host
        if self._ssh:
            host = str(Path(self._ssh.socket_to(settings.host, settings.port)).parent)
        connection = psycopg.connect(
            host=host,
            port=settings.port,
            user=settings.user,
            dbname=database or settings.database,
            client_encoding="utf8",
            password=self._secret(settings.password, "the password of PostgreSQL") or None,
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c statement_timeout={int(settings.statement_timeout_seconds * 1000)}",
            autocommit=True,
        )
        # Whether the server itself is read-only is a question that a check asks: what it was is kept beside it.
        connection.execute(
            "SELECT set_config('rehearsal.server_read_only', current_setting('default_transaction_read_only'), false),"
            " set_config('default_transaction_read_only', 'on', false)"
        )
        connection.autocommit = autocommit
        return connection

    def redis(self) -> redis.Redis:
        """Return a new client that answers bytes. Raises TargetError when its password can't be read."""
        return redis.Redis(connection_pool=self._redis_pool)

    def close(self) -> None:
        """End the connections that its clients share. May be called twice."""
        self._kept.close()

    @cached_property
    def _transport(self) -> SocketTransport:
        return self._kept.enter_context(closing(self._transport_that(self._trusted())))

    @cached_property
    def _redis_pool(self) -> ConnectionPool:
        settings = self._gateway.redis
        pool = redis_pool(
            lambda seconds: self._connect(settings.host, settings.port, seconds),
            self._secret(settings.password, "the password of Redis"),
            settings.timeout_seconds,
        )
        self._kept.callback(pool.disconnect)
        return pool

    def _transport_that(self, trusted: ssl.SSLContext) -> SocketTransport:
        urls = (httpx.URL(self._gateway.http.url), httpx.URL(self._gateway.http.https_url))
        return SocketTransport(trusted, SocketNetwork(self._connect, {url.host for url in urls}))

    def _connect(self, host: str, port: int, seconds: float) -> socket.socket:
        if self._ssh:
            return self._ssh.connect(host, port, seconds)
        return socket.create_connection((host, port), timeout=seconds)

    def _secret(self, source: SecretSource | None, what: str) -> str:
        try:
            return read_secret(source, self._gateway, what)
        except GatewayError as error:
            raise TargetError(str(error)) from None

    def _trusted(self) -> ssl.SSLContext:
        file = self._gateway.http.ca_file
        try:
            return ssl.create_default_context(cafile=str(self._gateway.directory / file) if file else None)
        except OSError as error:
            msg = f"expected certificates in {file}, which http.ca_file names, got: {error}"
            raise TargetError(msg) from None


def _only_reads(request: httpx.Request) -> None:
    if request.method not in _READING:
        msg = f"{request.method} {request.url} was refused: a live gateway is only read"
        raise RefusedError(msg)
