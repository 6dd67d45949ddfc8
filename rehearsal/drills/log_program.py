"""The program that plants, writes and looks at logs inside a replica, as a drill calls it."""

from __future__ import annotations

import json
import secrets
import shlex
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.drills.log_plan import WORD
from rehearsal.drills.preparing import prepare
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.protocol import Replica

_INSIDE = Path(__file__).with_name("logs_inside.py").read_text()
_LIVE_SECONDS = 60


@dataclass(frozen=True)
class Inside:
    """The program that does it, inside the replica."""

    replica: Replica
    timeout: float
    logs: Sequence[str]
    roots: Sequence[str]
    names: Sequence[str]
    words: Sequence[str]
    """One of which is in the path of whatever is looked at."""

    def run(self, act: str, folders: Sequence[str], told: object, more: float = 0) -> str:
        """Run one of its acts. Raises TargetError."""
        script = f'python3 -I -c "$REHEARSAL_PROGRAM" {act} {shlex.join(folders)}'
        environment = {"REHEARSAL_PROGRAM": _INSIDE, "REHEARSAL_LOGS": json.dumps(told)}
        return prepare(self.replica, script, f"{act} logs", timeout=self.timeout + more, environment=environment)

    def look(self, before: int = sys.maxsize) -> dict[str, Any]:
        """Say what is there; of the lines those with a number before that."""
        told = {"names": self.names, "words": self.words, "before": before}
        looked: dict[str, Any] = json.loads(self.run("look", (*self.logs, *self.roots), told))
        return looked

    def beside_a_writer(self, size: int, act: Callable[[], ProcedureRun], first: int = 0) -> tuple[int, ProcedureRun]:
        """Act while a service writes to logs of some bytes; return the number after the last line, and what was done.

        `first` is the number of the first line.
        """
        mark = f"./{WORD}-{secrets.token_hex(4)}"
        told = {"names": self.names, "bytes": size, "seconds": _LIVE_SECONDS, "first": first}
        told |= {"ready": f"{mark}-ready", "stop": f"{mark}-stop"}
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(self.run, "write", self.logs, told, _LIVE_SECONDS)
            try:
                ready = lambda: writing.done() or self._there(f"{mark}-ready")  # noqa: E731 - as short as it is
                wait_until(ready, what="a log in use", timeout=self.timeout)
                done = act()
            finally:
                self.replica.run_script(f"touch {mark}-stop", timeout=self.timeout)
            return int(writing.result()), done

    def _there(self, path: str) -> bool:
        return self.replica.run_script(f"test -e {path}", timeout=self.timeout).ok
