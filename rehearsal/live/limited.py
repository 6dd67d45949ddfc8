"""A program of this machine, run within a time limit and a limit of output."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from rehearsal.gateway.target import TargetError

_BLOCK = 1 << 16
_LIMIT = 64 << 20
_END_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Ended:
    """A program as it ended; `status` is None where its time limit did that."""

    status: int | None
    stdout: bytes
    stderr: bytes


def run_limited(argv: Sequence[str], text: bytes, seconds: float) -> Ended:
    """Run a program on `text` for at most `seconds`; it ends with this process, SIGKILL included.

    Its standard input stays open behind `text`: who reads to its end waits for this side to be gone.
    Raises TargetError for a program that is missing, or one that says more than 64 MiB.
    """
    try:
        # The signal comes with the end of the thread that starts it: that thread waits here.
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        msg = f"expected the program setpriv (util-linux) on this machine: {error.strerror}; install it"
        raise TargetError(msg) from None
    with process:
        try:
            out, err = _talk(process, text, time.monotonic() + seconds)
            return Ended(process.wait(_END_SECONDS), out, err)
        except TimeoutError as error:
            return Ended(None, *error.args[0])
        except subprocess.TimeoutExpired:
            return Ended(None, out, err)
        finally:
            _end(process)


def _talk(process: subprocess.Popen[bytes], text: bytes, deadline: float) -> tuple[bytes, bytes]:
    assert process.stdin
    assert process.stdout
    assert process.stderr
    kept = {process.stdout: bytearray(), process.stderr: bytearray()}
    rest = memoryview(text)
    os.set_blocking(process.stdin.fileno(), False)
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdin, selectors.EVENT_WRITE)
        for pipe in kept:
            ready.register(pipe, selectors.EVENT_READ)
        while ready.get_map():
            events = ready.select(max(0.0, deadline - time.monotonic()))
            if not events:
                raise TimeoutError((bytes(kept[process.stdout]), bytes(kept[process.stderr])))
            for key, _ in events:
                if key.fileobj is process.stdin:
                    rest = _write(process.stdin.fileno(), rest)
                    done = not rest
                else:
                    part = os.read(key.fd, _BLOCK)
                    kept[key.fileobj] += part  # type: ignore[index]  # one of the two pipes
                    done = not part
                if done:
                    ready.unregister(key.fileobj)
            if sum(map(len, kept.values())) > _LIMIT:
                msg = f"expected at most {_LIMIT >> 20} MiB from a command, got more; ask for less of it"
                raise TargetError(msg)
    return bytes(kept[process.stdout]), bytes(kept[process.stderr])


def _write(pipe: int, rest: memoryview) -> memoryview:
    try:
        return rest[os.write(pipe, rest[:_BLOCK]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
        process.kill()
