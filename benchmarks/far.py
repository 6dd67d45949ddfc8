"""A port of loopback that is as far away as another one with a long cable between: each byte arrives later."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Queue

_CHUNK = 1 << 16


@contextmanager
def far(port: int, round_trip_seconds: float) -> Iterator[int]:
    """Give a port that leads to another one, half the round trip away in each direction."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        threading.Thread(target=_accept, args=(server, port, round_trip_seconds / 2), daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket, port: int, seconds: float) -> None:
    with suppress(OSError):  # closed: the benchmark is over
        while True:
            near, _ = server.accept()
            there = socket.create_connection(("127.0.0.1", port))
            for one, other in ((near, there), (there, near)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                under_way: Queue[tuple[float, bytes]] = Queue()
                threading.Thread(target=_read, args=(one, under_way, seconds), daemon=True).start()
                threading.Thread(target=_write, args=(other, under_way), daemon=True).start()


def _read(source: socket.socket, under_way: Queue[tuple[float, bytes]], seconds: float) -> None:
    data = b"-"
    while data:
        try:
            data = source.recv(_CHUNK)
        except OSError:
            data = b""
        under_way.put((time.monotonic() + seconds, data))


def _write(sink: socket.socket, under_way: Queue[tuple[float, bytes]]) -> None:
    with suppress(OSError):
        while True:
            due, data = under_way.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            sink.sendall(data)
