"""The life of a replica's containers: watched by a process that ends them when the run does."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import IO

import docker  # type: ignore[import-untyped]  # ships no types
import requests
from docker.errors import APIError  # type: ignore[import-untyped]  # ships no types
from docker.models.containers import Container  # type: ignore[import-untyped]  # ships no types
from docker.models.networks import Network  # type: ignore[import-untyped]  # ships no types

from rehearsal.replica.containers.guardian import ENDED

_GUARDIAN = Path(__file__).parent / "guardian.py"
_END_SECONDS = 90
_CRASH_SECONDS = 10
_PAUSE_SECONDS = 0.05


class Life:
    """The containers of one project, from the first one's start to the last one's end."""

    def __init__(self, client: docker.DockerClient, project: str, folder: Path) -> None:
        """Set the guardian to work; nothing has been started yet."""
        self.project, self.folder = project, folder
        self._client = client
        # In a session of its own: Ctrl-C is for the run, which then closes the pipe.
        self._guardian = subprocess.Popen(
            [sys.executable, "-IS", str(_GUARDIAN)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        told = {"docker": shutil.which("docker") or "docker", "project": project, "folder": str(folder)}
        self._pipe.write(json.dumps(told) + "\n")
        self._pipe.flush()

    @property
    def _pipe(self) -> IO[str]:
        if self._guardian.stdin is None:
            raise AssertionError
        return self._guardian.stdin

    def containers(self) -> dict[str, Container]:
        """Return the containers by service."""
        label = f"com.docker.compose.project={self.project}"
        found = self._client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
        return {
            one.labels["com.docker.compose.service"]: one
            for one in found
            if one.labels.get("com.docker.compose.oneoff") != "True"
        }

    def network(self) -> Network:
        """Return the network that the containers share."""
        label = f"com.docker.compose.project={self.project}"
        return self._client.networks.list(filters={"label": label})[0]

    def start(self, *services: str) -> None:
        """Start containers that were made, side by side. Raises docker's errors."""
        made = self.containers()
        with ThreadPoolExecutor(len(services)) as pool:
            list(pool.map(lambda name: made[name].start(), services))

    def run_once(self, service: str, seconds: float) -> tuple[int | None, str]:
        """Run a container to its end and remove it; return its exit status, None for no end in time, and last words."""
        container = self.containers()[service]
        container.start()
        try:
            code = int(container.wait(timeout=seconds)["StatusCode"])
        except requests.RequestException:
            code = None
        said: bytes = container.logs(tail=8)
        container.remove(force=True)
        return code, " / ".join(line.strip() for line in said.decode(errors="replace").splitlines() if line.strip())

    def crash(self, container: Container) -> None:
        """End a container's processes with SIGKILL from inside.

        `docker kill` would be an operator's wish, after which nothing is restarted. The first process is an init,
        which ends with its child.
        """
        deadline = time.monotonic() + _CRASH_SECONDS
        while True:
            try:
                container.exec_run(["sh", "-c", "kill -KILL -1"])
            except APIError as error:
                # Between two lives, after a crash of its own: it can be ended when it runs.
                if error.status_code != HTTPStatus.CONFLICT or time.monotonic() >= deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def end(self) -> None:
        """Have everything removed, and return when it is. May be called twice."""
        with contextlib.suppress(OSError, ValueError):
            self._pipe.write(ENDED)
        with contextlib.suppress(OSError):
            self._pipe.close()
        try:
            self._guardian.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._guardian.kill()
            self._guardian.wait()
