"""Runs a script in the operator's shell of a replica, and keeps what it says within bounds."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rehearsal.gateway.target import CommandRun
from rehearsal.replica.processes.control import Control

OUTPUT_LIMIT = 100_000
_LEFT_OUT = "\n… {} characters left out …\n"
# What a background process may still have to say when the shell has ended.
_LAST_WORDS_SECONDS = 0.2
_GRACE_SECONDS = 15
# The shell's status and those of the last pipe are taken in one assignment: any other command would overwrite them.
_TRAILER = """

__rehearsal=("$?" "${PIPESTATUS[@]}")
printf '%s ' "${__rehearsal[@]}" > "$REHEARSAL_STATUS"
exit "${__rehearsal[0]}"
"""


class Bounded:
    """Reads a pipe to its end and keeps its beginning and its end, whatever comes between."""

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._head, self._tail = bytearray(), bytearray()
        self._lost = 0
        self.inward, self.outward = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self, seconds: float) -> str:
        """Wait for the end, `seconds` at most, and return what was kept."""
        self._thread.join(seconds)
        head, tail, lost = bytes(self._head), bytes(self._tail), self._lost
        middle = _LEFT_OUT.format(lost).encode() if lost else b""
        return (head + middle + tail).decode(errors="replace")

    def _read(self) -> None:
        with contextlib.suppress(OSError), open(self.inward, "rb", buffering=0) as pipe:  # noqa: PTH123 - a descriptor
            while part := pipe.read(1 << 16):
                room = self._half - len(self._head)
                self._head += part[: max(0, room)]
                self._tail += part[max(0, room) :]
                if len(self._tail) > self._half:
                    self._lost += len(self._tail) - self._half
                    del self._tail[: -self._half]


def run_script(control: Control, script: str, timeout: float, environment: Mapping[str, str]) -> CommandRun:
    """Run a bash script in the gateway directory, fed by a descriptor, and tell how it ended.

    Raises ControlError when the supervisor can't be asked.
    """
    status = Bounded(1000)
    carrier = _carrier(script + _TRAILER)
    try:
        run = _run(control, ["bash"], (carrier, status.outward), timeout, environment=dict(environment))
    finally:
        os.close(carrier)
        os.close(status.outward)
    return replace(run, command=script, pipe_status=_pipe_status(status.text(_LAST_WORDS_SECONDS)))


def run_program(
    control: Control, argv: Sequence[str], directory: str, environment: Mapping[str, str], timeout: float
) -> CommandRun:
    """Run one program inside, with nothing on its standard input. Raises ControlError."""
    return _run(control, argv, (), timeout, directory=directory, environment=dict(environment))


def _run(control: Control, argv: Sequence[str], more: Sequence[int], timeout: float, **rest: Any) -> CommandRun:
    out, err = Bounded(OUTPUT_LIMIT), Bounded(OUTPUT_LIMIT)
    began = time.monotonic()
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted
        streams = (nothing.fileno(), out.outward, err.outward, *more)
        limit = timeout + _GRACE_SECONDS
        try:
            answer = control.ask("run", wait=limit, send=streams, argv=list(argv), timeout=timeout, **rest)
        finally:
            os.close(out.outward)
            os.close(err.outward)
    return CommandRun(
        command=" ".join(argv),
        exit_code=answer["exit"],
        seconds=time.monotonic() - began,
        stdout=out.text(_LAST_WORDS_SECONDS),
        stderr=err.text(_LAST_WORDS_SECONDS),
    )


def _carrier(text: str) -> int:
    if not hasattr(os, "memfd_create"):
        number, name = tempfile.mkstemp(prefix="rehearsal-")
        Path(name).unlink()
    else:
        number = os.memfd_create("script", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(number, "wb", closefd=False) as file:
        file.write(text.encode())
    os.lseek(number, 0, os.SEEK_SET)
    if hasattr(os, "memfd_create"):
        # A script gets hold of what carries it: unsealed, it could fill the machine's memory through it.
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(number, fcntl.F_ADD_SEALS, seals)
    return number


def _pipe_status(text: str) -> tuple[int, ...]:
    words = text.split()
    if not words or not all(word.isascii() and word.isdigit() for word in words):
        # The shell ended before it could say, or the script wrote there itself.
        return ()
    shell, *pipe = map(int, words)
    # After `if`, `for` and the like PIPESTATUS is that of a command inside; the shell's own status then differs.
    last = pipe[-1] if pipe else 0
    failed = [code for code in pipe if code] or [0]
    return tuple(pipe) if len(pipe) > 1 and shell in (last, failed[-1]) else ()
