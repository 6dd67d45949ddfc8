"""A clean-up of logs, run beside a service that writes to some, and what it left."""

from __future__ import annotations

import json
import re
import secrets
import shlex
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.drills.log_plan import WORD, Planted, links_of, plan, spec_of
from rehearsal.drills.log_rules import folders_of, limits_of, prefix_of, rules
from rehearsal.drills.placeholders import fill_in
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import ProcedureRun, run_commands
from rehearsal.gateway.target import TargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook

_INSIDE = Path(__file__).with_name("logs_inside.py").read_text()
_SIZE = re.compile(r"-size\s+\+?(\d+)([kMG])")
_UNITS = {"k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_STARTS_ANEW = re.compile(r"truncate|logrotate|savelog|\bmv\b|\bcp\b|gzip|:\s*>|\.sh\b")
_LIVE_SECONDS = 60


@dataclass
class Cleaned:
    """What a clean-up left."""

    kept: list[Planted] = field(default_factory=list)
    gone: list[Planted] = field(default_factory=list)
    run: ProcedureRun | None = None
    written: int = 0
    """Lines that a service wrote to each live log."""
    lost: dict[str, int] = field(default_factory=dict)
    """Of each live log, the lines that are nowhere."""
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of each live log, the bytes that were written and those that it has now."""
    starts_anew: bool = True
    """Whether the block has anything at all that could empty a log which is in use."""


def clean(replica: Replica, gateway: Gateway, runbook: Runbook, written: Procedure) -> Cleaned:
    """Plant logs, run the clean-up while a service writes to some, and say what is left.

    Raises TargetError, NotOnThisTargetError, RunbookError.
    """
    days, timeout = limits_of(runbook, written), gateway.replica.command_timeout_seconds
    found = rules(written.commands, days)
    # A log with a date in its name gets old without anybody's doing.
    dated = any(re.search("YYYY|AAAA", one.text) for one in runbook.log_paths)
    seen = Cleaned(starts_anew=dated or _STARTS_ANEW.search(written.text) is not None)
    planted = plan(runbook, found, max(days.values()))
    folders = tuple(dict.fromkeys([one.folder for one in planted]))
    logs = folders_of(runbook, found)
    names = [f"{prefix_of(runbook, folder)}{WORD}-live-{place}.log" for place, folder in enumerate(logs)]
    inside = _Inside(replica, timeout, logs, (".", *(one for one in folders if one.startswith("/"))), names)
    inside.run("plant", folders, [spec_of(one, folders) for one in planted] + links_of(folders))
    there = inside.look()["tokens"]
    if len(there) < len(planted):
        msg = f"expected the {len(planted)} logs that the drill has planted in {replica.name}, found {len(there)}"
        raise TargetError(msg)
    commands = fill_in(replica, written.commands, gateway.placeholders, timeout=timeout)
    size = _bigger_than_asked(written.text)
    seen.written, seen.run = inside.beside_a_writer(size, lambda: run_commands(replica, commands, timeout=timeout))
    left = inside.look()
    for one in planted:
        (seen.kept if one.token in left["tokens"] else seen.gone).append(one)
    for place, folder in enumerate(logs):
        path = f"{folder}/{names[place]}"
        seen.lost[path] = seen.written - left["lines"][place]
        seen.sizes[path] = (size, left["sizes"][place])
    return seen


@dataclass(frozen=True)
class _Inside:
    """The program that does it, inside the replica."""

    replica: Replica
    timeout: float
    logs: Sequence[str]
    roots: Sequence[str]
    names: Sequence[str]

    def run(self, act: str, folders: Sequence[str], told: object, more: float = 0) -> str:
        """Run one of its acts. Raises TargetError."""
        script = f'python3 -I -c "$REHEARSAL_PROGRAM" {act} {shlex.join(folders)}'
        environment = {"REHEARSAL_PROGRAM": _INSIDE, "REHEARSAL_LOGS": json.dumps(told)}
        run = self.replica.run_script(script, timeout=self.timeout + more, environment=environment)
        if not run.ok:
            msg = f"expected to {act} logs in {self.replica.name}, python3 {run.ending}"
            raise TargetError(msg)
        return run.stdout

    def look(self) -> dict[str, Any]:
        """Say what is there."""
        told = {"names": self.names, "word": WORD}
        looked: dict[str, Any] = json.loads(self.run("look", (*self.logs, *self.roots), told))
        return looked

    def beside_a_writer(self, size: int, act: Callable[[], ProcedureRun]) -> tuple[int, ProcedureRun]:
        """Act while a service writes to logs of some bytes; return how many lines each got, and what was done."""
        mark = f"./{WORD}-{secrets.token_hex(4)}"
        told = {"names": self.names, "bytes": size, "seconds": _LIVE_SECONDS}
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


def _bigger_than_asked(text: str) -> int:
    """Return a size that a clean-up does not pass over: a little more than any that it names."""
    return max([int(number) * _UNITS[unit] for number, unit in _SIZE.findall(text)], default=0) + (1 << 20)
