"""Asks the supervisor, over its control socket: requests are JSON, descriptors are handed over beside them."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from rehearsal.gateway.target import TargetError

_MOST_DESCRIPTORS = 8


class ControlError(TargetError):
    """The supervisor could not do what was asked; `errno` where the system said why."""

    def __init__(self, message: str, errno: int = 0) -> None:
        super().__init__(message)
        self.errno = errno


class Control:
    """The supervisor's control socket, seen from the run."""

    def __init__(self, path: str, supervisor: int | None = None) -> None:
        """`supervisor` is the process that must answer there, where those inside could put another socket."""
        self._path, self._supervisor = path, supervisor

    def ask(self, request: str, *, wait: float = 60, send: Sequence[int] = (), **rest: Any) -> dict[str, Any]:
        """Ask, and return the answer. Raises ControlError, also after `wait` seconds without one."""
        answer, received = self._exchange({"request": request, **rest}, send, wait)
        for descriptor in received:
            os.close(descriptor)
        return answer

    def take(self, request: str, *, wait: float = 10, **rest: Any) -> int:
        """Ask for a descriptor, and return it. Raises ControlError."""
        _, received = self._exchange({"request": request, **rest}, (), wait)
        if len(received) != 1:
            msg = f"expected one descriptor for {request!r}, got {len(received)}"
            raise ControlError(msg)
        return received[0]

    def _require_supervisor(self, connection: socket.socket) -> None:
        if self._supervisor is not None:
            pid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
            if pid != self._supervisor:
                msg = f"expected process {self._supervisor} at the replica's control socket, found {pid}; not asked"
                raise ControlError(msg)

    def _exchange(
        self, request: dict[str, Any], send: Sequence[int], seconds: float
    ) -> tuple[dict[str, Any], list[int]]:
        received: list[int] = []
        text = b""
        try:
            with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as connection:
                connection.settimeout(seconds)
                connection.connect(self._path)
                self._require_supervisor(connection)
                line = json.dumps(request).encode() + b"\n"
                sent = socket.send_fds(connection, [line], list(send)) if send else 0
                if sent < len(line):
                    # Never an empty rest: a quick answer has closed the other end, and that would be an error.
                    connection.sendall(line[sent:])
                while not text.endswith(b"\n"):
                    part, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, _MOST_DESCRIPTORS)
                    received.extend(descriptors)
                    if not part:
                        raise ConnectionResetError
                    text += part
        except OSError as error:
            for descriptor in received:
                os.close(descriptor)
            msg = (
                f"expected the replica's supervisor to answer {request['request']!r}, got {error or 'a closed socket'}"
            )
            raise ControlError(msg, error.errno or 0) from None
        answer: dict[str, Any] = json.loads(text)
        if "error" in answer:
            raise ControlError(answer["error"], answer.get("errno", 0))
        return answer, received
