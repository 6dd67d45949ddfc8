"""What a document says of logs: after how many days they go, in which folders, by which names."""

from __future__ import annotations

import os.path
import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise

from rehearsal.runbook import Command, Procedure, Runbook, RunbookError, procedure
from rehearsal.runbook.prose import prose_at

_DAYS = re.compile(r"(\d+)\s*(?:dias?|days?)\b", re.IGNORECASE)
_MTIME = re.compile(r"-mtime\s+\+(\d+)")
_WRITTEN = re.compile(r">>?\s*(\./[\w./-]+)")
_VARIABLE = re.compile(r"\$(?:\w+|\{[^}]*\})")
_TESTS = re.compile(r"(?<=\s)(?:-[a-z]\w+|!)(?=\s|$)")
_PLAIN = {"-maxdepth", "-mindepth", "-type", "-name", "-iname", "-mtime", "-mmin", "-delete", "-print", "-exec", "-rf"}
_DELETES = re.compile(r"-delete\b|\brm\b|\bunlink\b")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a `find` that deletes says that it is about."""

    folders: tuple[str, ...]
    names: tuple[str, ...]
    command: Command | None
    """None where it stands in a script and asks for more than a name and an age: it promises nothing of this name."""
    days: int
    """After which it deletes."""


def limits_of(runbook: Runbook, written: Procedure, scripts: Mapping[int, str]) -> dict[int, int]:
    """Return after how many days each command deletes, by its line; `scripts` has the text of those that it runs.

    The words of the document come before its commands: the comment above, then the section's prose, then `-mtime`.
    Raises RunbookError where none of them names a figure.
    """
    prose = _days(prose_at(runbook, written.place.line))
    found: dict[int, int] = {}
    for deletes in (True, False):
        for command in written.commands:
            own = _MTIME.search(command.text) or _MTIME.search(scripts.get(command.line, ""))
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


def rules(commands: Sequence[Command], days: Mapping[int, int]) -> tuple[Rule, ...]:
    """Read folders and names out of each `find` that deletes, after these days by line."""
    found = [
        _rule(part, command, days[command.line])
        for command in commands
        if command.line in days and _DELETES.search(command.text)
        for part in _finds(command.text)
    ]
    return tuple(one for one in found if one)


def rules_in(script: str, command: Command, days: int, listed: Sequence[str]) -> tuple[Rule, ...]:
    """Read the same out of a script that a command runs.

    A folder that is in a variable may be any of those that the document lists.
    """
    found = []
    for part in _finds(script):
        rule = _rule(part, None, days) if _DELETES.search(part) else None
        if rule and rule.folders:
            plain = not {*_TESTS.findall(part)} - _PLAIN and "$" not in part
            found.append(replace(rule, command=command if plain else None))
        elif rule:
            found.append(replace(rule, folders=tuple(listed)))
    return tuple(found)


def _finds(text: str) -> list[str]:
    parts = re.split(r"[;\n]|&&|\|\|", text.replace("\\\n", " "))
    return [part for part in parts if re.match(r"\s*(sudo\s+)?find\s", part)]


def _rule(text: str, command: Command | None, days: int) -> Rule | None:
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    words = words[words.index("find") + 1 :]
    if ("-type", "d") in pairwise(words):
        return None  # folders are no logs
    first = next((place for place, word in enumerate(words) if word[:1] in "-(!\\"), len(words))
    folders = tuple(_one_way(word) for word in words[:first] if "$" not in word)
    names = tuple(
        _VARIABLE.sub("*", words[place + 1])
        for place, word in enumerate(words[:-1])
        if word in ("-name", "-iname") and (place == 0 or words[place - 1] not in ("!", "-not"))
    )
    return Rule(folders, names, command, days) if names and (folders or command is None) else None


def folders_of(runbook: Runbook, found: Sequence[Rule]) -> tuple[str, ...]:
    """Return the folders of logs: those that the document lists and those that the commands name."""
    listed = [one.text.split()[0] for one in runbook.log_paths]
    dirs = [path.rstrip("/") if path.endswith("/") else os.path.dirname(path) for path in listed]  # noqa: PTH120
    dirs = [*map(_one_way, filter(None, dirs)), *(folder for rule in found for folder in rule.folders)]
    return tuple(dict.fromkeys(one for one in dirs if one and "$" not in one and one not in ("/", ".")))


def _one_way(folder: str) -> str:
    """Return a folder as it is written here: `./logs`, whether a document says that, `logs` or `logs/`."""
    plain = os.path.normpath(folder)
    return plain if plain == "." or plain.startswith(("/", "..")) else f"./{plain}"


def evidence_of(runbook: Runbook) -> tuple[str, ...]:
    """Return the files that the steps after a leak write: what is kept for an inquiry is not cleaned up by its age."""
    with suppress(RunbookError):
        found = _WRITTEN.findall(procedure(runbook, "Vazamento de Dados").text)
        return tuple(dict.fromkeys(path for path in found if "$" not in path))
    return ()


def prefix_of(runbook: Runbook, folder: str) -> str:
    """Return how the gateway's own logs begin in a folder that it shares; empty where it is the gateway's alone."""
    if not folder.startswith("/"):
        return ""
    listed = [one.text.split()[0] for one in runbook.log_paths]
    names = [os.path.basename(path) for path in listed if os.path.dirname(path) == folder]  # noqa: PTH119, PTH120
    beginnings = [{name[:end] for end in range(len(name)) if name[:end].endswith("-")} for name in names]
    return max(set.intersection(*beginnings), key=len, default="") if beginnings else ""
