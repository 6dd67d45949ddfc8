"""Logs of every age and kind that a drill plants, and what a clean-up must do with each."""

from __future__ import annotations

import fnmatch
import os.path
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Literal

from rehearsal.drills.log_rules import Rule, evidence_of, folders_of, prefix_of
from rehearsal.runbook import Command, Runbook

WORD = "rehearsal"
"""In the name of whatever is planted."""
Kind = Literal["log", "precious", "other"]


@dataclass(frozen=True, slots=True)
class Planted:
    """One file, and what must become of it."""

    folder: str
    name: str
    age: timedelta
    kind: Kind
    token: int
    shape: str
    """Of its name, without what tells it from its brothers."""
    limit: int
    """Days after which it may go, if it is a log."""
    promised: Command | None = None
    """The command that says that it deletes files of this name, once they are old enough."""

    @property
    def path(self) -> str:
        """As an operator names it."""
        return f"{self.folder}/{self.name}"


def plan(runbook: Runbook, found: Sequence[Rule], days: int) -> list[Planted]:
    """Return what is planted: logs of each kind and age, and what is none of the clean-up's business.

    `days` are after which a log goes of which no command speaks.
    """
    planted: list[Planted] = []

    def add(folder: str, name: str, age: float, kind: Kind, shape: str = "", rule: Rule | None = None) -> None:
        limit, promised = (rule.days, rule.command) if rule else (days, None)
        if any((one.folder, one.name) == (folder, name) for one in planted):
            return  # two ages of one day, where a name tells no more
        planted.append(Planted(folder, name, timedelta(days=age), kind, len(planted), shape, limit, promised))

    most = max([days, *(one.days for one in found)])
    for folder in folders_of(runbook, found):
        prefix = prefix_of(runbook, folder)
        own = [rule for rule in found if folder in rule.folders]
        shapes = ["{0}.log", "{0}.log.1", "{0}.log.{1}.gz", "{0}.log.{1}"]
        shapes = [f"{prefix}{shape}" for shape in shapes]
        shapes += [_sample(name) for rule in own for name in rule.names]
        for place, shape in enumerate(dict.fromkeys(shapes)):
            rule = next((one for one in own if _is_about(one, _named(shape, WORD, datetime.now(UTC)))), None)
            limit = rule.days if rule else days
            for age in (limit - 1, limit + 0.5, limit + 1.1, 2 * limit):
                word = f"{WORD}{place}-{str(age).replace('.', '-')}d"
                name = _named(shape, word, datetime.now(UTC) - timedelta(days=age))
                add(folder, name, age, "log", shape, rule)
        if prefix:
            add(folder, f"{WORD}-other.log", 3 * most, "precious")
            add(folder, f"{WORD}-other.log.1.gz", 3 * most, "precious")
        else:
            add(folder, f"{WORD}-notes.txt", 3 * most, "other")
            add(folder, f"{WORD}-folder/data.db", 3 * most, "other")
    for path in map(PurePosixPath, evidence_of(runbook)):
        # By a name that logs have it could not be told from them.
        name = f"{path.stem}-{WORD}{path.suffix}"
        add(f"./{path.parent}", name, 3 * most, "other" if ".log" in path.name else "precious")
    for folder in ("./backups", "./redis-data"):
        add(folder, f"{WORD}-precious.log", 3 * most, "precious")
        add(folder, f"{WORD}-precious.sql.gz", 3 * most, "precious")
    return planted


def _is_about(rule: Rule, name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in rule.names)


def _named(shape: str, word: str, moment: datetime) -> str:
    return shape.format(word, f"{moment:%Y%m%d-%H%M%S}", day=f"{moment:%Y-%m-%d}", digits=f"{moment:%Y%m%d}")


def _sample(pattern: str) -> str:
    """Return a name that a pattern fits, with room for what tells the files apart: a word, or the day of the log."""
    fixed = re.sub(r"\[0-9\]|\[\[:digit:\]\]", "?", pattern)
    dated = fixed.replace("????-??-??", "{day}").replace("????????", "{digits}")
    if dated != fixed and not {*"*?["} & {*dated}:
        return dated
    name = re.sub(r"\[[^\]]*\]\+?", "1", pattern).replace("?", "x").replace("{", "").replace("}", "")
    name = name.replace("*", "{0}", 1) if "*" in name else "{0}" + name
    return name.replace("*", "x")


def spec_of(one: Planted, folders: Sequence[str]) -> dict[str, Any]:
    """Return a file as the program inside the replica wants to be told of it."""
    return {"folder": folders.index(one.folder), "name": one.name, "age": one.age.total_seconds(), "token": one.token}


def links_of(folders: Sequence[str]) -> list[dict[str, Any]]:
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
