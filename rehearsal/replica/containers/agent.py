"""Runs in the operator's container: runs commands, makes connections, and is the host that the runbook speaks of.

Standard library and psutil only: it is started by the container's own Python, with this package mounted beside it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.append("/opt/rehearsal")

from rehearsal.replica.processes.supervisor import commands
from rehearsal.replica.processes.supervisor.children import Children
from rehearsal.replica.processes.supervisor.control import serve

_BLOCK = 1 << 16


class Agent:
    """Answers the run's requests, on its socket."""

    def __init__(self, children: Children) -> None:
        self._children = children
        self._environment = dict(os.environ)
        self._directory = str(Path.cwd())

    def run(self, request: dict[str, Any], fds: list[int], asker: socket.socket) -> dict[str, Any]:
        """Run a command on streams that were handed over; tell its exit status, None where its time limit ended it."""
        directory = str(Path(self._directory, request.get("directory") or ""))
        environment = {**self._environment, **request.get("environment", {})}
        return commands.run(self._children, {**request, "environment": environment, "directory": directory}, fds, asker)

    def connect(self, request: dict[str, Any], fds: list[int], _asker: socket.socket) -> dict[str, Any]:
        """Connect to a service of the gateway, and hand the connection over."""
        connection = socket.create_connection((request["host"], request["port"]), timeout=request["seconds"])
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fds.append(connection.detach())
        return {}

    def open(self, request: dict[str, Any], fds: list[int], _asker: socket.socket) -> dict[str, Any]:
        """Open a file for reading, as the operator sees it, and hand it over."""
        path = Path(self._directory, request["path"])
        fds.append(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        return {}


def forward(port: int, host: str, to: int) -> None:
    """Answer a port of this host's loopback, as a stack's published port does."""
    with socket.create_server(("127.0.0.1", port), backlog=128) as server:
        while True:
            near, _ = server.accept()
            try:
                far = socket.create_connection((host, to), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_BLOCK):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def main() -> None:
    """Serve until the container ends."""
    for word in os.environ["REHEARSAL_FORWARD"].split():
        port, host, to = word.split(":")
        threading.Thread(target=forward, args=(int(port), host, int(to)), daemon=True).start()
    children = Children(die_with_us=False)
    path = Path(os.environ["REHEARSAL_SOCKETS"], "control")
    serve(Agent(children), str(path))
    # Only the run can come here: the folder above it is its alone.
    path.chmod(0o666)
    children.serve()


if __name__ == "__main__":
    main()
