"""Runs a command for the operator's shell, for a stand-in or for the run, on streams that were handed over."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import socket
import time
from collections.abc import Callable
from typing import Any, Self

from rehearsal.replica.processes.supervisor import trees
from rehearsal.replica.processes.supervisor.children import Child, Children, Start

_MARK = "REHEARSAL_COMMAND"
_HIGH = 100


def run(
    children: Children,
    request: dict[str, Any],
    streams: list[int],
    asker: socket.socket,
    started: Callable[[Child], None] = lambda _: None,
) -> dict[str, Any]:
    """Run a command to its end, its time limit, or the end of who asked for it.

    `streams` are its standard streams; two more are a script for it to read, and where it says how its pipes ended.
    `started` is told of its process. Returns the answer.
    """
    mark = os.urandom(8).hex()
    environment = {**request["environment"], _MARK: mark}
    argv = list(request["argv"])
    _move_up(streams)
    if len(streams) > 3:  # noqa: PLR2004 - the three standard streams
        argv.append(f"/dev/fd/{streams[3]}")
        environment["REHEARSAL_STATUS"] = f"/dev/fd/{streams[4]}"
    program = shutil.which(os.path.join(request["directory"], argv[0])) if "/" in argv[0] else None
    program = program or shutil.which(argv[0], path=environment.get("PATH"))
    if program is None:
        return {"exit": 127, "missing": argv[0]}
    stdin, stdout, stderr = streams[:3]
    start = Start([program, *argv[1:]], request["directory"], environment, (stdin, stdout, stderr), streams[3:])
    try:
        child = children.start(start)
    except OSError as error:
        return {"exit": 126, "missing": argv[0], "error": str(error)}
    started(child)
    for stream in streams:
        os.close(stream)
    streams.clear()
    exit_code = _wait(child, request.get("timeout"), asker)
    if exit_code is None:
        trees.end(child.pid, f"{_MARK}={mark}")
    return {"exit": exit_code}


def _move_up(streams: list[int]) -> None:
    # Far from the numbers that a script may want for itself.
    for place in range(3, len(streams)):
        moved = fcntl.fcntl(streams[place], fcntl.F_DUPFD_CLOEXEC, _HIGH)
        os.close(streams[place])
        streams[place] = moved


def _wait(child: Child, seconds: float | None, asker: socket.socket) -> int | None:
    deadline = time.monotonic() + (seconds if seconds is not None else 1e9)
    with _Ear(child) as ear:
        while child.code is None and time.monotonic() < deadline:
            ready, _, _ = select.select(
                [asker.fileno(), ear.fileno()], [], [], min(60.0, max(0.0, deadline - time.monotonic()))
            )
            # Who asked says nothing more; its end of file means that it was ended or gave up.
            if asker.fileno() in ready and not asker.recv(1):
                break
    return child.code


class _Ear:
    """Something that `select` hears when a child has ended."""

    def __init__(self, child: Child) -> None:
        self._near, self._far = socket.socketpair()
        child.when_ended = lambda _: self._far.close()
        if child.code is not None:
            self._far.close()

    def fileno(self) -> int:
        return self._near.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._near.close()
        self._far.close()
