"""Logs of every age and kind that a drill plants, what a clean-up must do with each, and what it did."""

from __future__ import annotations

import fnmatch
import json
import os.path
import re
import secrets
import shlex
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from rehearsal.drills.placeholders import fill_in
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import ProcedureRun, run_commands
from rehearsal.gateway.target import TargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, Procedure, Runbook, RunbookError

WORD = "rehearsal"
"""In the name of whatever is planted."""
_INSIDE = Path(__file__).with_name("logs_inside.py").read_text()
_DAYS = re.compile(r"(\d+)\s*(?:dias?|days?)\b", re.IGNORECASE)
_MTIME = re.compile(r"-mtime\s+\+(\d+)")
_SIZE = re.compile(r"-size\s+\+?(\d+)([kMG])")
_UNITS = {"k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_DELETES = re.compile(r"-delete\b|\brm\b|\bunlink\b")
_STARTS_ANEW = re.compile(r"truncate|logrotate|savelog|\bmv\b|\bcp\b|gzip|:\s*>|\.sh\b")
_LIVE_SECONDS = 60
Kind = Literal["log", "precious", "other"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a `find` that deletes says that it is about."""

    folders: tuple[str, ...]
    names: tuple[str, ...]
    command: Command
    days: int
    """After which it deletes."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One file, and what must become of it."""

    folder: str
    name: str
    age: timedelta
    kind: Kind
    token: int
    limit: int
    """Days after which it may go, if it is a log."""
    promised: Command | None = None
    """The command that says that it deletes files of this name, once they are old enough."""

    @property
    def path(self) -> str:
        """As an operator names it."""
        return f"{self.folder}/{self.name}"


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


def limits_of(runbook: Runbook, written: Procedure) -> dict[int, int]:
    """Return after how many days each command deletes, by its line.

    The words of the document come before its commands: the comment above, then the section's prose, then `-mtime`.
    Raises RunbookError where none of them names a figure.
    """
    prose = _days(_prose(runbook, written))
    found: dict[int, int] = {}
    for deletes in (True, False):
        for command in written.commands:
            own = _MTIME.search(command.text)
            days = _days(command.label) or prose or (int(own[1]) if own else None)
            if days and bool(_DELETES.search(command.text)) is deletes and (deletes or not found):
                found[command.line] = days
    if not found:
        where = f"{runbook.path}:{written.place.line}: '{written.place.heading}'"
        msg = f"{where}: expected after how many days logs go, such as `30 days` or `-mtime +30`, found none"
        raise RunbookError(msg)
    return found


def _days(text: str) -> int | None:
    found = _DAYS.search(text)
    return int(found[1]) if found else None


def _prose(runbook: Runbook, written: Procedure) -> str:
    """Return the text of a section without its blocks."""
    lines = runbook.text.splitlines()
    start = max(one.line for one in runbook.sections if one.line <= written.place.line)
    end = min([one.line for one in runbook.sections if one.line > written.place.line], default=len(lines) + 1)
    return re.sub(r"```.*?```", "", "\n".join(lines[start : end - 1]), flags=re.DOTALL)


def rules(commands: Sequence[Command], days: Mapping[int, int]) -> tuple[Rule, ...]:
    """Read folders and names out of each `find` that deletes, after these days by line."""
    found = [
        _rule(part, command, days[command.line])
        for command in commands
        if command.line in days and _DELETES.search(command.text)
        for part in re.split(r"[;\n]|&&|\|\|", command.text.replace("\\\n", " "))
        if re.match(r"\s*(sudo\s+)?find\s", part)
    ]
    return tuple(one for one in found if one)


def _rule(text: str, command: Command, days: int) -> Rule | None:
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    words = words[words.index("find") + 1 :]
    first = next((place for place, word in enumerate(words) if word[:1] in "-(!\\"), len(words))
    folders = tuple(word.rstrip("/") for word in words[:first] if "$" not in word)
    names = tuple(
        words[place + 1]
        for place, word in enumerate(words[:-1])
        if word in ("-name", "-iname") and (place == 0 or words[place - 1] not in ("!", "-not"))
    )
    return Rule(folders, names, command, days) if folders and names else None


def folders_of(runbook: Runbook, found: Sequence[Rule]) -> tuple[str, ...]:
    """Return the folders of logs: those that the document lists and those that the commands name."""
    listed = [one.text.split()[0] for one in runbook.log_paths]
    dirs = [path.rstrip("/") if path.endswith("/") else os.path.dirname(path) for path in listed]  # noqa: PTH120
    dirs += [folder for rule in found for folder in rule.folders]
    return tuple(dict.fromkeys(one for one in dirs if one and "$" not in one and one not in ("/", ".")))


def prefix_of(runbook: Runbook, folder: str) -> str:
    """Return how the gateway's own logs begin in a folder that it shares; empty where it is the gateway's alone."""
    if not folder.startswith("/"):
        return ""
    listed = [one.text.split()[0] for one in runbook.log_paths]
    names = [os.path.basename(path) for path in listed if os.path.dirname(path) == folder]  # noqa: PTH119, PTH120
    beginnings = [{name[:end] for end in range(len(name)) if name[:end].endswith("-")} for name in names]
    return max(set.intersection(*beginnings), key=len, default="") if beginnings else ""


def plan(runbook: Runbook, found: Sequence[Rule], days: int) -> list[Planted]:
    """Return what is planted: logs of each kind and age, and what is none of the clean-up's business.

    `days` are after which a log goes of which no command speaks.
    """
    planted: list[Planted] = []

    def add(folder: str, name: str, age: float, kind: Kind, rule: Rule | None = None) -> None:
        limit, promised = (rule.days, rule.command) if rule else (days, None)
        planted.append(Planted(folder, name, timedelta(days=age), kind, len(planted), limit, promised))

    most = max([days, *(one.days for one in found)])
    for folder in folders_of(runbook, found):
        prefix = prefix_of(runbook, folder)
        own = [rule for rule in found if folder in rule.folders]
        shapes = ["{0}.log", "{0}.log.1", "{0}.log.{1}.gz", "{0}.log.{1}"]
        shapes = [f"{prefix}{shape}" for shape in shapes]
        shapes += [_sample(name) for rule in own for name in rule.names]
        for place, shape in enumerate(dict.fromkeys(shapes)):
            rule = next((one for one in own if _is_about(one, shape.format(WORD, "1"))), None)
            limit = rule.days if rule else days
            for age in (limit - 1, limit + 0.5, limit + 1.1, 2 * limit):
                stamp = (datetime.now(UTC) - timedelta(days=age)).strftime("%Y%m%d-%H%M%S")
                add(folder, shape.format(f"{WORD}{place}-{str(age).replace('.', '-')}d", stamp), age, "log", rule)
        if prefix:
            add(folder, f"{WORD}-other.log", 3 * most, "precious")
            add(folder, f"{WORD}-other.log.1.gz", 3 * most, "precious")
        else:
            add(folder, f"{WORD}-notes.txt", 3 * most, "other")
            add(folder, f"{WORD}-folder/data.db", 3 * most, "other")
    for folder in ("./backups", "./redis-data"):
        add(folder, f"{WORD}-precious.log", 3 * most, "precious")
        add(folder, f"{WORD}-precious.sql.gz", 3 * most, "precious")
    return planted


def _is_about(rule: Rule, name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in rule.names)


def _sample(pattern: str) -> str:
    """Return a name that a pattern fits, with room for what tells the files apart."""
    name = re.sub(r"\[[^\]]*\]\+?", "1", pattern).replace("?", "x").replace("{", "").replace("}", "")
    name = name.replace("*", "{0}", 1) if "*" in name else "{0}" + name
    return name.replace("*", "x")


def clean(replica: Replica, gateway: Gateway, runbook: Runbook, written: Procedure) -> Cleaned:
    """Plant logs, run the clean-up while a service writes to some, and say what is left.

    Raises TargetError, NotOnThisTargetError, RunbookError.
    """
    days, timeout = limits_of(runbook, written), gateway.replica.command_timeout_seconds
    found = rules(written.commands, days)
    seen = Cleaned(starts_anew=_STARTS_ANEW.search(written.text) is not None)
    planted = plan(runbook, found, max(days.values()))
    folders = tuple(dict.fromkeys([one.folder for one in planted]))
    logs = folders_of(runbook, found)
    names = [f"{prefix_of(runbook, folder)}{WORD}-live-{place}.log" for place, folder in enumerate(logs)]
    inside = _Inside(replica, timeout, logs, (".", *(one for one in folders if one.startswith("/"))), names)
    inside.run("plant", folders, [_spec(one, folders) for one in planted] + _links(folders))
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


def _spec(one: Planted, folders: Sequence[str]) -> dict[str, Any]:
    return {"folder": folders.index(one.folder), "name": one.name, "age": one.age.total_seconds(), "token": one.token}


def _links(folders: Sequence[str]) -> list[dict[str, Any]]:
    """Return links out of the folders of logs, to what must be kept: they may go, and not what they lead to."""
    backups = folders.index("./backups")
    logs = [place for place, folder in enumerate(folders[:backups]) if not folder.startswith("/")]
    old = timedelta(days=3650).total_seconds()
    return [
        {
            "folder": place,
            "name": f"{WORD}-link{name}",
            "age": old,
            "link": os.path.relpath(f"./backups/{target}", folders[place]),
        }
        for place in logs
        for name, target in ((".log", f"{WORD}-precious.log"), ("ed", ""))
    ]


def _bigger_than_asked(text: str) -> int:
    """Return a size that a clean-up does not pass over: a little more than any that it names."""
    return max([int(number) * _UNITS[unit] for number, unit in _SIZE.findall(text)], default=0) + (1 << 20)
