"""Health probes: does the service answer in its own protocol."""

from __future__ import annotations

import socket
import struct

_SECONDS = 1.0
_STARTING_UP = b"57P03"


def healthy(kind: str, port: int, environment: dict[str, str]) -> bool:
    """Ask a service whether it answers, within a second."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
            connection.settimeout(_SECONDS)
            if kind == "postgres":
                return _postgres(connection, environment)
            if kind == "redis":
                return _redis(connection)
            return True
    except OSError:
        return False


def _postgres(connection: socket.socket, environment: dict[str, str]) -> bool:
    # As pg_isready does: the first words of a session, and any answer but "starting up".
    names = f"user\0{environment['POSTGRES_USER']}\0database\0{environment['POSTGRES_DB']}\0\0".encode()
    connection.sendall(struct.pack("!II", len(names) + 8, 196608) + names)
    answer = connection.recv(512)
    return bool(answer) and _STARTING_UP not in answer


def _redis(connection: socket.socket) -> bool:
    connection.sendall(b"PING\r\n")
    return connection.recv(512).startswith((b"+PONG", b"-NOAUTH"))
