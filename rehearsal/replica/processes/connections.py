"""Connections into a replica. They are made inside and handed over, so that none can end anywhere else."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Iterable

import psycopg
import redis

from rehearsal.gateway.sockets import SocketNetwork, SocketTransport, redis_over
from rehearsal.gateway.target import RefusedError

__all__ = ["Connect", "ReplicaNetwork", "ReplicaTransport", "redis_client", "require_inside"]

Connect = Callable[[int, float], socket.socket]
"""Port and seconds -> a connection to that port of the replica. Raises OSError."""

ReplicaTransport = SocketTransport


class ReplicaNetwork(SocketNetwork):
    """All that an HTTP client may reach: the replica, by the names of the gateway."""

    def __init__(self, connect: Connect, hosts: Iterable[str]) -> None:
        super().__init__(lambda _host, port, seconds: connect(port, seconds), hosts)


def redis_client(connect: Connect, port: int, password: str, seconds: float) -> redis.Redis:
    """Return a client whose every connection is made inside the replica."""
    return redis_over(lambda limit: connect(port, limit), password, seconds)


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
