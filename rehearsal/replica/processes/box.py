"""The process that a replica lives in: started, found, and ended by the run."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

import psutil

from rehearsal.replica.processes.plan import Plan
from rehearsal.replica.processes.visible import PACKAGES, PROJECT
from rehearsal.replica.protocol import ReplicaError

_SUPERVISOR = PROJECT / "replica" / "processes" / "supervisor" / "__main__.py"
# --kill-child and the death signal: nothing survives the run, even where it can't say good-bye. setpriv is of
# util-linux, as unshare is.
_NAMESPACES = (
    *("setpriv", "--pdeathsig", "KILL", "--"),
    *("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--ipc", "--uts"),
    *("--fork", "--kill-child", "--mount-proc", "--"),
)
_END_SECONDS = 10
_WORDS_LIMIT = 2000


class NoNamespacesError(Exception):
    """The kernel refuses a sandbox, and this is why."""


class Box:
    """A supervisor with all that runs below it. Its standard input is its life line: closed, everything ends."""

    def __init__(self, plan: Plan, python: Path, deadline: float) -> None:
        """Start it. Raises NoNamespacesError, or ReplicaError when the stores can't be made in time."""
        self.plan = plan
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the box
        self._process = self._start(python)
        try:
            self._write_plan()
            self.warm = self._hear(deadline)
            self.init = self._process.pid if plan.root else self._first_process()
        except BaseException:
            self.close()
            raise

    @property
    def view(self) -> str:
        """Where the run sees the replica's root: only for sockets. Never follow a path that those inside can change."""
        return self.plan.root or f"/proc/{self.init}/root"

    def alive(self) -> bool:
        """Tell whether the supervisor runs."""
        return self._process.poll() is None

    def words(self) -> str:
        """Return the last words of the supervisor itself, for an error message."""
        # Read by position: the file's own offset is where the supervisor writes on.
        file = self._words.fileno()
        text = os.pread(file, _WORDS_LIMIT, max(0, os.fstat(file).st_size - _WORDS_LIMIT))
        return text.decode(errors="replace").strip()

    def close(self) -> None:
        """End everything. May be called twice."""
        if self._words.closed:
            return
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_END_SECONDS)
        if self._process.stdout:
            self._process.stdout.close()
        self._words.close()
        if self.plan.root:
            shutil.rmtree(self.plan.root, ignore_errors=True)

    def _start(self, python: Path) -> subprocess.Popen[bytes]:
        argv = [str(python), "-IS", str(_SUPERVISOR), str(PACKAGES), str(PROJECT.parent)]
        if not self.plan.root:
            for program in ("setpriv", "unshare"):
                if shutil.which(program) is None:
                    msg = f"the program {program} is missing"
                    raise NoNamespacesError(msg)
            argv = [*_NAMESPACES, *argv]
        answer: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()
        # The death signal comes when the thread that started the child ends, so that thread stays as long as the box.
        threading.Thread(target=_keep, args=(argv, self._words, answer), name="replica", daemon=True).start()
        process = answer.get()
        if isinstance(process, OSError):
            self._words.close()
            raise process
        return process

    def _write_plan(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(self.plan.to_json().encode() + b"\n")
            self._process.stdin.flush()

    def _hear(self, deadline: float) -> bool:
        said: dict[str, Any] = {}
        line = self._line(deadline)
        with contextlib.suppress(ValueError):
            said = json.loads(line or b"")
        if "up" in said:
            return bool(said["warm"])
        if "error" in said:
            raise ReplicaError(said["error"])
        heard = said.get("refused") or self.words()
        if self.plan.root or line is None:
            msg = f"expected the replica's supervisor to start its stores, got: {heard or 'no answer in time'}"
            raise ReplicaError(msg)
        raise NoNamespacesError(heard or "no answer from the sandbox")

    def _line(self, deadline: float) -> bytes | None:
        assert self._process.stdout is not None
        number, text = self._process.stdout.fileno(), b""
        while not text.endswith(b"\n"):
            if not select.select([number], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return None
            part = os.read(number, 4096)
            if not part:
                break
            text += part
        return text

    def _first_process(self) -> int:
        outer = self._process.pid
        with contextlib.suppress(OSError, IndexError, ValueError):
            return int(Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0])
        return int(psutil.Process(outer).children()[0].pid)


def _keep(argv: list[str], words: IO[bytes], answer: queue.SimpleQueue[subprocess.Popen[bytes] | OSError]) -> None:
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            # Ctrl-C is for the run: it ends its replica when it has written its report.
            start_new_session=True,
            cwd="/",
        )
    except OSError as error:
        answer.put(error)
        return
    answer.put(process)
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
