"""A clean-up of logs, run beside a service that writes to some, and what it left."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from rehearsal.drills.log_plan import WORD, Planted, links_of, plan, spec_of
from rehearsal.drills.log_program import Inside
from rehearsal.drills.log_rules import folders_of, limits_of, prefix_of, rules, rules_in
from rehearsal.drills.named_logs import STAMP
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.scripts import texts_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import ProcedureRun, run_commands
from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook
from rehearsal.runbook.prose import prose_at

_SIZE = re.compile(r"(?:-size\s+\+?|(?<![\w.,]))(\d+)\s?([kMG])(?:i?B)?\b", re.IGNORECASE)
_BYTES = re.compile(r"(?<![\w.])(\d{7,9})(?![\w.])|(?<![\w.])(\d+)\s*\*\s*(?:1024\s*\*\s*1024|1_?048_?576)")
_LARGEST = 64 << 20
"""Of a log that is written for it."""
_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_STARTS_ANEW = re.compile(r"truncate|logrotate|savelog|\bmv\b|\bcp\b|gzip|:\s*>|\.sh\b")
_DAY_DIGITS = range(3, 9)
"""In a name that tells a day, a month or a year, and no hour: a number of one or two counts what is kept."""


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
    overwritten: dict[str, int] = field(default_factory=dict)
    """What held lines of a live log, and how many of them are nowhere after another clean-up the same day."""
    starts_anew: bool = True
    """Whether the block has anything at all that could empty a log which is in use."""


def clean(replica: Replica, gateway: Gateway, runbook: Runbook, written: Procedure) -> Cleaned:
    """Plant logs, run the clean-up while a service writes to some, and say what is left.

    Raises TargetError, NotOnThisTargetError, RunbookError.
    """
    timeout, scripts = gateway.replica.command_timeout_seconds, texts_of(replica, written.commands)
    days = limits_of(runbook, written, scripts)
    found = rules(written.commands, days)
    for command in written.commands:
        if text := scripts.get(command.line):
            limit = days.get(command.line, max(days.values()))
            found += rules_in(text, command, limit, folders_of(runbook, found))
    # A log with a date in its name gets old without anybody's doing.
    dated = any(STAMP.search(one.text) for one in runbook.log_paths)
    seen = Cleaned(starts_anew=dated or _STARTS_ANEW.search(written.text) is not None)
    planted = plan(runbook, found, max(days.values()))
    folders = tuple(dict.fromkeys([one.folder for one in planted]))
    logs = folders_of(runbook, found)
    names = [f"{prefix_of(runbook, folder)}{WORD}-live-{place}.log" for place, folder in enumerate(logs)]
    words = [WORD, *(one.name for one in planted if WORD not in one.path)]
    inside = Inside(replica, timeout, logs, (".", *(one for one in folders if one.startswith("/"))), names, words)
    inside.run("plant", folders, [spec_of(one, folders) for one in planted] + links_of(folders))
    there = inside.look()["tokens"]
    if len(there) < len(planted):
        msg = f"expected the {len(planted)} logs that the drill has planted in {replica.name}, found {len(there)}"
        raise TargetError(msg)
    commands = fill_in(replica, written.commands, gateway.placeholders, timeout=timeout)
    size = bigger_than_asked("\n".join([prose_at(runbook, written.place.line), written.text, *scripts.values()]))
    act = lambda: run_commands(replica, commands, timeout=timeout)  # noqa: E731 - as short as it is
    seen.written, seen.run = inside.beside_a_writer(size, act)
    left = inside.look()
    for one in planted:
        (seen.kept if one.token in left["tokens"] else seen.gone).append(one)
    for place, folder in enumerate(logs):
        path = f"{folder}/{names[place]}"
        seen.lost[path] = seen.written - left["lines"][place]
        seen.sizes[path] = (size, left["sizes"][place])
    seen.overwritten = _again(inside, size, seen.written, left, act)
    return seen


def _again(
    inside: Inside, size: int, written: int, left: dict[str, Any], act: Callable[[], ProcedureRun]
) -> dict[str, int]:
    """Clean up once more the same day; return the files that held lines of the first time, and how many went there.

    A name with an hour in it is passed over: that two runs of a drill share one says nothing of those of a host.
    """
    held: list[list[str]] = left["held"]
    if not any(held):
        return {}
    inside.beside_a_writer(size, act, written)
    now = inside.look(written)["lines"]
    lost = [before - after for before, after in zip(left["lines"], now, strict=True)]
    by_day = [next((path for path in paths if _tells_a_day(path, inside.names)), "") for paths in held]
    return {path: number for path, number in zip(by_day, lost, strict=True) if path and number > 0}


def _tells_a_day(path: str, names: Sequence[str]) -> bool:
    name = PurePosixPath(path).name
    for one in names:
        name = name.replace(PurePosixPath(one).stem, "")
    return sum(char.isdigit() for char in name) in _DAY_DIGITS


def bigger_than_asked(text: str) -> int:
    """Return a size that a clean-up does not pass over: a little more than any that it names."""
    sizes = [int(number) * _UNITS[unit.lower()] for number, unit in _SIZE.findall(text)]
    sizes += [int(plain or 0) or int(times) << 20 for plain, times in _BYTES.findall(text)]
    return max((size for size in sizes if size <= _LARGEST), default=0) + (1 << 20)
