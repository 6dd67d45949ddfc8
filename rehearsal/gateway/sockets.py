"""Clients over sockets that somebody else connects: into a replica, or through an SSH connection."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
import httpx
import redis

Connect = Callable[[str, int, float], socket.socket]
"""Host, port and seconds -> a connection. Raises OSError."""


class SocketStream(httpcore.NetworkStream):
    """A connection to a web server, however it was made."""

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
            return SocketStream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the interface is httpcore's
        """Return what httpcore asks of a stream."""
        if info == "is_readable":
            return _readable(self._socket)
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        return self._socket if info == "socket" else None


class SocketNetwork(httpcore.NetworkBackend):
    """All that an HTTP client may reach: the gateway, by its names."""

    def __init__(self, connect: Connect, hosts: Iterable[str]) -> None:
        self._connect, self._hosts = connect, frozenset(hosts)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the interface is httpcore's
        socket_options: Any = None,  # noqa: ANN401, ARG002 - the same
    ) -> httpcore.NetworkStream:
        """Connect to the gateway. Raises httpcore.ConnectError, also for a host that is not the gateway's."""
        if host not in self._hosts:
            msg = f"{host} is no host of the gateway; there is no way out from here"
            raise httpcore.ConnectError(msg)
        try:
            return SocketStream(self._connect(host, port, timeout or 5.0))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error


class SocketTransport(httpx.HTTPTransport):
    """httpx's own transport, on a network of our own."""

    def __init__(self, trusted: ssl.SSLContext, network: httpcore.NetworkBackend) -> None:
        super().__init__(verify=trusted, trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=trusted, network_backend=network)


class LentTransport(httpx.BaseTransport):
    """A transport that outlives the clients that it is lent to, with its connections."""

    def __init__(self, own: httpx.HTTPTransport) -> None:
        self._own = own

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on. Raises httpx.HTTPError."""
        return self._own.handle_request(request)


def redis_pool(connect: Callable[[float], socket.socket], password: str, seconds: float) -> redis.ConnectionPool:
    """Return a pool whose every connection `connect` makes, given seconds."""

    class SocketConnection(redis.Connection):
        def _connect(self) -> socket.socket:
            connection = connect(seconds)
            connection.settimeout(self.socket_timeout)
            return connection

    return redis.ConnectionPool(
        connection_class=SocketConnection,
        password=password or None,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        # Telling the server our library's name costs two more round trips, and reading that name from disk each time.
        driver_info=None,
    )


def redis_over(connect: Callable[[float], socket.socket], password: str, seconds: float) -> redis.Redis:
    """Return a client whose every connection `connect` makes, given seconds; closing it closes them."""
    client: redis.Redis = redis.Redis.from_pool(redis_pool(connect, password, seconds))
    return client


def _readable(connection: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
