"""A process with all that it started: found, signalled, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import psutil

_LIMIT_SECONDS = 5


def members(pid: int) -> list[psutil.Process]:
    """Return the process, its descendants, and what is left of its session when parents have ended, oldest first."""
    found: dict[int, psutil.Process] = {}
    parents: dict[int, list[int]] = {}
    for process in psutil.process_iter():
        try:
            parents.setdefault(process.ppid(), []).append(process.pid)
            if process.pid == pid or os.getsid(process.pid) == pid:
                found[process.pid] = process
        except (psutil.Error, OSError):
            continue
    waiting = [pid, *found]
    while waiting:
        for child in parents.get(waiting.pop(), ()):
            if child not in found:
                with contextlib.suppress(psutil.Error):
                    found[child] = psutil.Process(child)
                    waiting.append(child)
    return [found[number] for number in sorted(found)]


def send(pid: int, number: int) -> None:
    """Send a signal to the process and to all that it started."""
    seen: set[int] = set()
    while True:
        # Again until nothing new is found: a process may start another between the look and the signal.
        new = [process.pid for process in members(pid) if process.pid not in seen]
        if not new:
            return
        for one in new:
            seen.add(one)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one, number)


def end(pid: int, mark: str = "") -> None:
    """End the process and all that it started, and return when they are gone or after 5 s.

    `mark` is `NAME=value` of an environment variable that only they have: it finds those that left the family.
    """
    deadline = time.monotonic() + _LIMIT_SECONDS
    # All stand still before the first one dies: an orphan could no longer be told from others.
    send(pid, signal.SIGSTOP)
    doomed = {process.pid: process for process in [*members(pid), *_marked(mark)]}
    while time.monotonic() < deadline:
        for process in doomed.values():
            # psutil compares start times: a number that was given to another process is left alone.
            with contextlib.suppress(psutil.Error):
                process.kill()
        doomed = {process.pid: process for process in [*doomed.values(), *_marked(mark)] if _alive(process)}
        if not doomed:
            return
        time.sleep(0.005)


def _marked(mark: str) -> list[psutil.Process]:
    name, _, value = mark.partition("=")
    if not name:
        return []
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(name) == value:
                found.append(process)
    return found


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
