"""The run's side of the operator's `docker`: a socket at which it runs the real program, confined to this replica."""

from __future__ import annotations

import os
import secrets
import select
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rehearsal.replica.containers.confined import Confined, ForbiddenError
from rehearsal.replica.processes.supervisor.control import serve

_FORBIDDEN = 125
_LIMIT_SECONDS = 600
_PAUSE_SECONDS = 0.02
_END_SECONDS = 10
_SEEK = 'for one in /proc/[0-9]*; do grep -qs "$1" "$one/environ" && kill -KILL "${one#/proc/}"; done'


class Door:
    """Answers the requests of the operator's stand-ins."""

    def __init__(self, confined: Confined, folder: Path, environment: Mapping[str, str]) -> None:
        self._project = confined.project
        self._confined, self._folder, self._environment = confined, folder, dict(environment)
        self.unsupported: list[str] = []
        """What was asked and has no meaning here."""
        self._lock = threading.Lock()

    def open(self) -> None:
        """Serve, until the run ends."""
        path = self._folder / "run" / "engine"
        serve(self, str(path))
        path.chmod(0o666)

    def engine(self, request: dict[str, Any], fds: list[int], asker: socket.socket) -> dict[str, Any]:
        """Run a command of the operator's on its own streams, and tell its exit status."""
        program, argv = request["program"], request["argv"]
        try:
            words = self._confined.words(program, argv)
        except ForbiddenError as error:
            with self._lock:
                self.unsupported.append(" ".join([program, *argv]))
            return {"exit": _FORBIDDEN, "message": str(error)}
        place = Path(request["directory"])
        inside = place if self._folder in place.parents and place.is_dir() else self._folder
        stdin, stdout, stderr = fds[:3]
        mark = f"REHEARSAL_ASKED={secrets.token_hex(8)}"
        if "exec" in words:
            # What runs in a container does not end with its client: it is known by this.
            words.insert(words.index("exec") + 1, f"--env={mark}")
        process = subprocess.Popen(
            words, stdin=stdin, stdout=stdout, stderr=stderr, cwd=inside, env=self._environment, start_new_session=True
        )
        for descriptor in fds:
            os.close(descriptor)
        fds.clear()
        code, cut_off = _wait(process, asker)
        if cut_off and "exec" in words:
            self._end(mark)
        return {"exit": code}

    def _end(self, mark: str) -> None:
        """End what a command has left in the containers of this replica."""
        for container in self._docker("ps", "-q", "--filter", f"label=com.docker.compose.project={self._project}"):
            self._docker("exec", container, "sh", "-c", _SEEK, "sh", mark)

    def _docker(self, *words: str) -> list[str]:
        try:
            done = subprocess.run(
                ["docker", *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_END_SECONDS,
                env=self._environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return []
        return done.stdout.split()


def _wait(process: subprocess.Popen[bytes], asker: socket.socket) -> tuple[int, bool]:
    """Wait for the end, and tell the exit status and whether it was cut off: who asked and has gone ends it."""
    cut_off = False
    deadline = time.monotonic() + _LIMIT_SECONDS
    with process:
        while process.poll() is None:
            ready, _, _ = select.select([asker], [], [], _PAUSE_SECONDS)
            if time.monotonic() >= deadline or (ready and not asker.recv(1)):
                cut_off = True
                process.kill()
                process.wait()
    return (process.returncode if process.returncode >= 0 else 128 - process.returncode), cut_off
