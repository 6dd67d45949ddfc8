"""Starts every process of the replica, and reaps every one that ends, orphans included."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

_NOBODY = 65534


@dataclass(slots=True)
class Child:
    """A process that the supervisor started: the first of a session of its own."""

    pid: int
    code: int | None = None
    """Exit code as a shell says it, 128 + signal for one that was killed; None while it runs."""
    ended: threading.Event = field(default_factory=threading.Event)
    when_ended: WhenEnded | None = None


WhenEnded = Callable[[Child], None]


@dataclass(frozen=True, slots=True)
class Start:
    """What to start."""

    argv: Sequence[str]
    directory: str
    environment: Mapping[str, str]
    streams: tuple[int, int, int]
    kept: Sequence[int] = ()
    unprivileged: bool = False


class Children:
    """All processes that the supervisor started."""

    def __init__(self, *, die_with_us: bool) -> None:
        # In a process namespace the kernel sees to it; elsewhere each child asks for it, where setpriv is there.
        self._prefix = ("setpriv", "--pdeathsig", "KILL", "--") if die_with_us and shutil.which("setpriv") else ()
        self._known: dict[int, Child] = {}
        self._lock = threading.Lock()
        self._started = threading.Event()
        self._closed = False
        self._asked: queue.SimpleQueue[tuple[Start, WhenEnded | None, queue.SimpleQueue[Child | OSError]]]
        self._asked = queue.SimpleQueue()

    def start(self, start: Start, when_ended: WhenEnded | None = None) -> Child:
        """Start a process; `when_ended` is called in the reaper's thread. Raises OSError."""
        answer: queue.SimpleQueue[Child | OSError] = queue.SimpleQueue()
        self._asked.put((start, when_ended, answer))
        child = answer.get()
        if isinstance(child, OSError):
            raise child
        return child

    def close(self) -> None:
        """Start nothing any more."""
        self._closed = True

    def serve(self) -> None:
        """Start what is asked for, for ever. Runs in the main thread: a child dies with the thread that started it."""
        threading.Thread(target=self._reap, name="reaper", daemon=True).start()
        while True:
            start, when_ended, answer = self._asked.get()
            try:
                answer.put(self._start(start, when_ended))
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                answer.put(error if isinstance(error, OSError) else OSError(22, str(error)))

    def _start(self, start: Start, when_ended: WhenEnded | None) -> Child:
        to_nobody = start.unprivileged and os.geteuid() == 0
        stdin, stdout, stderr = start.streams
        with self._lock:
            if self._closed:
                raise OSError(125, "the replica is ending")
            process = subprocess.Popen(
                [*self._prefix, *start.argv],
                cwd=start.directory,
                env=dict(start.environment),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                pass_fds=start.kept,
                start_new_session=True,
                user=_NOBODY if to_nobody else None,
                group=_NOBODY if to_nobody else None,
                extra_groups=[] if to_nobody else None,
            )
            # The reaper below waits for it, never Popen.
            process.returncode = 0
            child = Child(process.pid, when_ended=when_ended)
            self._known[child.pid] = child
        self._started.set()
        return child

    def _reap(self) -> None:
        while True:
            try:
                # Peek first, so that the pid can't be given to another process before it is known whose it was.
                seen = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            except ChildProcessError:
                self._started.wait(0.05)
                self._started.clear()
                continue
            if seen is None:
                continue
            with self._lock:
                child = self._known.pop(seen.si_pid, None)
            try:
                _, status = os.waitpid(seen.si_pid, 0)
            except ChildProcessError:
                continue
            if child is not None:
                code = os.waitstatus_to_exitcode(status)
                child.code = code if code >= 0 else 128 - code
                child.ended.set()
                _call(child)


def _call(child: Child) -> None:
    # The reaper must outlive whatever it calls.
    try:
        if child.when_ended:
            child.when_ended(child)
    except Exception as error:  # noqa: BLE001
        sys.stderr.write(f"rehearsal: after the end of a process: {error!r}\n")
