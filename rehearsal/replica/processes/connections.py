"""Connections into a replica. They are made inside and handed over, so that none can end anywhere else."""

from __future__ import annotations

import os
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
import httpx
import psycopg
import redis

from rehearsal.gateway.target import RefusedError

Connect = Callable[[int, float], socket.socket]
"""Port and seconds -> a connection to that port of the replica. Raises OSError."""


class ReplicaStream(httpcore.NetworkStream):
    """A connection to the replica's web server."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come. Raises httpcore.ReadTimeout, httpcore.ReadError."""
        try:
            self._socket.settimeout(timeout)
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it. Raises httpcore.WriteTimeout, httpcore.WriteError."""
        try:
            self._socket.settimeout(timeout)
            self._socket.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on under TLS. Raises httpcore.ConnectTimeout, httpcore.ConnectError."""
        try:
            self._socket.settimeout(timeout)
            return ReplicaStream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks of a stream."""
        if info == "is_readable":
            return _readable(self._socket)
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        return self._socket if info == "socket" else None


class ReplicaNetwork(httpcore.NetworkBackend):
    """All that an HTTP client may reach: the replica, by the names of the gateway."""

    def __init__(self, connect: Connect, hosts: Iterable[str]) -> None:
        self._connect, self._hosts = connect, frozenset(hosts)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the interface is httpcore's
        socket_options: Any = None,  # noqa: ARG002 - the same
    ) -> httpcore.NetworkStream:
        """Connect to the replica. Raises httpcore.ConnectError, also for a host that is not the gateway's."""
        if host not in self._hosts:
            msg = f"{host} is no host of the gateway; a replica has no way out"
            raise httpcore.ConnectError(msg)
        try:
            return ReplicaStream(self._connect(port, timeout or 5.0))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error


class ReplicaTransport(httpx.HTTPTransport):
    """httpx's own transport, on the replica's network."""

    def __init__(self, trusted: ssl.SSLContext, network: httpcore.NetworkBackend) -> None:
        super().__init__(verify=trusted, trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=trusted, network_backend=network)


def redis_client(connect: Connect, port: int, password: str, seconds: float) -> redis.Redis:
    """Return a client whose every connection is made inside the replica."""

    class ReplicaConnection(redis.Connection):
        def _connect(self) -> socket.socket:
            connection = connect(port, seconds)
            connection.settimeout(self.socket_timeout)
            return connection

    pool = redis.ConnectionPool(
        connection_class=ReplicaConnection,
        password=password or None,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
    )
    client: redis.Redis = redis.Redis.from_pool(pool)
    return client


def require_inside(connection: psycopg.Connection, init: int) -> None:
    """Refuse a PostgreSQL that does not run in the replica's own process namespace.

    The socket's path can be changed by those inside: a link there must not lead to a server of the machine.
    Raises RefusedError; the connection is then closed.
    """
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as peer:
        pid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    if _namespace(pid) != _namespace(init):
        connection.close()
        msg = f"expected a PostgreSQL of this replica at its socket, found process {pid} of the machine; not used"
        raise RefusedError(msg)


def _namespace(pid: int) -> int:
    return os.stat(f"/proc/{pid}/ns/pid").st_ino  # noqa: PTH116 - a link that is followed, not read


def _readable(connection: socket.socket) -> bool:
    import select  # noqa: PLC0415

    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
