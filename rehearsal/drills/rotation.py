"""The rotation of backups: files of many ages, one run of what makes backups, and which of them are left."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from rehearsal.backups.kinds import kind_in, renamed
from rehearsal.backups.names import BackupName
from rehearsal.drills.aged import copy_back
from rehearsal.drills.backups import BackupFile, await_next_name, list_backups, new_ones
from rehearsal.drills.preparing import prepare
from rehearsal.drills.scripts import script_of
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, Runbook

EVERY_DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}
"""How far two backups of a kind lie apart at most."""
_BEYOND = 4
"""Backups of a kind that are older than the promise."""
_SECONDS = 60


@dataclass(frozen=True)
class Kept:
    """What was there before, and what of it must be left."""

    must: dict[str, float]
    """Path -> age in days: younger than its retention."""
    must_not: dict[str, float]
    """Older than its retention by a day and more; of the kind that was just made."""
    foreign: tuple[str, ...]


@dataclass(frozen=True)
class Rotated:
    """What one run of the rotation did."""

    run: ProcedureRun
    made: tuple[str, ...]
    lost: dict[str, float]
    """What was kept for too short: path -> age in days."""
    stayed: dict[str, float]
    """What was kept for too long."""
    foreign: tuple[str, ...]
    """What was no backup of this gateway, and is gone."""
    kept: int = 0
    """Backups that were there before, and had to be left, and are."""


def kinds_of(name: BackupName, retention: dict[str, int]) -> dict[str, BackupName]:
    """Return the name of each kind's backups; one kind alone where the name does not tell them apart."""
    written = kind_in(name.written, retention)
    if not written:
        return dict.fromkeys(list(retention)[:1], name)
    return {kind: name.of_kind(written, kind) for kind in retention}


def commands_for(commands: Sequence[Command], old: tuple[str, int], new: tuple[str, int]) -> list[Command] | None:
    """Return a block that makes another kind of backup, kept for other days; None where no command names them."""
    changed = [_for(command, old, new) for command in commands]
    return changed if any(one.text != before.text for one, before in zip(changed, commands, strict=True)) else None


def _for(command: Command, old: tuple[str, int], new: tuple[str, int]) -> Command:
    words = re.split(r"(\s+)", command.text)
    if not any(kind_in(word, [old[0]]) and re.fullmatch(r"\w+", word) for word in words):
        return command
    days = {str(old[1]): str(new[1])}
    changed = [renamed(word, old[0], new[0]) if re.fullmatch(r"\w+", word) else word for word in words]
    return replace(command, text="".join(days.get(word, word) for word in changed))


def other_ways(runbook: Runbook, commands: Sequence[Command]) -> Iterator[Command]:
    """Yield each command elsewhere in the document that runs the script of a block in another way, once."""
    scripts = {name for command in commands if (name := script_of(command.text))}
    known = {" ".join(command.text.split()) for command in commands}
    for section in runbook.sections:
        for command in (one for part in section.procedures for one in part.commands):
            text = " ".join(command.text.split())
            if script_of(command.text) in scripts and text not in known:
                known.add(text)
                yield command


def in_place(commands: Sequence[Command], other: Command) -> tuple[Command, ...]:
    """Return a block with that command in the place of its own with the same script."""
    return tuple(other if script_of(one.text) == script_of(other.text) else one for one in commands)


def rotate(
    replica: Replica,
    kinds: dict[str, BackupName],
    retention: dict[str, int],
    example: str,
    making: str,
    run: Callable[[], ProcedureRun],
) -> Rotated:
    """Lay out backups of every kind and age, made from an `example`, run what makes one of a kind, and look again.

    Raises TargetError.
    """
    was = _lay_out(replica, kinds, retention, example, making)
    before = _paths(replica, kinds)
    if missing := (was.must.keys() | was.must_not.keys()) - before.keys():
        msg = f"expected the backups that were laid out in {replica.name}, {min(missing)} is not there"
        raise TargetError(msg)
    await_next_name(replica, kinds[making].folder, _SECONDS)
    ended = run()
    after = _paths(replica, kinds)
    listed = replica.run_script(_there(was.foreign), timeout=_SECONDS).stdout.splitlines()
    new = [file.path for file in new_ones(before, after)]
    return Rotated(
        ended,
        tuple(path for path in new if kinds[making].stamp(path.rpartition("/")[2])),
        {path: age for path, age in was.must.items() if path not in after},
        {path: age for path, age in was.must_not.items() if path in after},
        tuple(path for path in was.foreign if path not in listed),
        len(was.must.keys() & after.keys()),
    )


def _lay_out(
    replica: Replica, kinds: dict[str, BackupName], retention: dict[str, int], example: str, making: str
) -> Kept:
    now = datetime.now(UTC)
    must: dict[str, float] = {}
    must_not: dict[str, float] = {}
    for kind, name in kinds.items():
        # Where a name tells no hour, those of one day have one name, and the older one is what is left.
        ages = {name.at(now - timedelta(days=age)): age for age in _ages(kind, retention[kind])}
        ages.pop(name.at(now), None)
        paths = copy_back(replica, name, example, [now - timedelta(days=age) for age in ages.values()])
        for path, age in zip(paths, ages.values(), strict=True):
            if age < retention[kind]:
                must[path] = age
            elif age > retention[kind] + 1 and kind == making:
                must_not[path] = age
    return Kept(must, must_not, _strangers(replica, kinds[making], now - timedelta(days=3 * max(retention.values()))))


def _ages(kind: str, kept: int) -> list[float]:
    """Return ages in days as a schedule leaves them, with one made by hand in between, and the edges of the promise."""
    every = EVERY_DAYS[kind]
    regular = [float(every * number) for number in range(1, kept // every + _BEYOND)]
    by_hand = [every / 2, kept - 1.0, kept + 1.1]
    return sorted({age for age in [*regular, *by_hand] if age < kept or age > kept + 1})


def _strangers(replica: Replica, name: BackupName, moment: datetime) -> tuple[str, ...]:
    """Lay out old files that are none of the rotation's business; the last one is in another folder."""
    folder, file = name.folder.rstrip("/"), name.at(moment)
    suffix = file.partition(".")[2]
    paths = (
        f"{folder}/leia-me.txt",
        f"{folder}/outro-sistema-{file.rpartition('-')[2].partition('.')[0]}.{suffix}",
        f"{folder}-de-antes/{file}",
    )
    lines = [
        f'mkdir -p -- "$(dirname -- {shlex.quote(path)})" && echo x > {shlex.quote(path)}'
        f" && touch -d @{int(moment.timestamp())} -- {shlex.quote(path)}"
        for path in paths
    ]
    prepare(replica, " &&\n".join(lines), f"lay out files in {folder}", timeout=_SECONDS)
    return paths


def _there(paths: Sequence[str]) -> str:
    return "\n".join(f"test -e {shlex.quote(path)} && echo {shlex.quote(path)}" for path in paths) + "\ntrue"


def _paths(replica: Replica, kinds: dict[str, BackupName]) -> dict[str, BackupFile]:
    return {path: file for name in kinds.values() for path, file in list_backups(replica, name, _SECONDS).items()}
