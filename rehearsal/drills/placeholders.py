"""Fills in what a runbook leaves to the person who follows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rehearsal.gateway.target import Target, TargetError
from rehearsal.runbook import Command, RunbookError, fill

PASSWORD = '"$DB_PASSWORD"'  # noqa: S105  a reference, see below
REDIS_PASSWORD = '"$REDIS_PASSWORD"'  # noqa: S105  the same
"""References: the operator's environment holds the secrets, the command's text does not."""
_PASSWORDS = ("your_password", "YOUR_PASSWORD", "your-password")
_STAMP = re.compile(r"(?=.*(?:YYYY|AAAA|HH))[YAMDHSTZhm\d_:./-]+")
_WORD = r"[^\s'\"|;&<>()=`]*"
_ASSIGNMENT = re.compile(r"(?:export\s+)?[A-Za-z_]\w*=(?:[^\s'\"`$();|&<>]*|\"[^\"`$]*\"|'[^']*')")


class NoBackupError(TargetError):
    """There is no file of the name that the runbook's restore asks for."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that fits a name with a time stamp in it."""

    path: str
    """As the shell lists it: relative to the gateway directory, or absolute."""
    stamp: str


def fill_in(
    target: Target, commands: Sequence[Command], values: Mapping[str, str], *, timeout: float
) -> tuple[Command, ...]:
    """Return commands with their placeholders filled: a time stamp by that of the newest file that fits.

    `values` are gateway.toml's own. Raises NoBackupError where no file fits, RunbookError for a placeholder that
    nobody can fill.
    """
    found = newest_files(target, commands, values, timeout=timeout)
    known = {text: file.stamp for text, file in found.items()}
    return tuple(_filled(command, {**known, **values}) for command in commands)


def newest_files(
    target: Target, commands: Sequence[Command], values: Mapping[str, str], *, timeout: float
) -> dict[str, NamedFile]:
    """Return for each time stamp that `values` lack the newest file that fits. Raises NoBackupError."""
    stamps = {one.text: "" for command in commands for one in command.placeholders if _STAMP.fullmatch(one.text)}
    return {text: _newest(target, commands, text, timeout) for text in stamps if text not in values}


def _filled(command: Command, values: Mapping[str, str]) -> Command:
    password = REDIS_PASSWORD if "redis" in command.text.lower() else PASSWORD
    known = {**dict.fromkeys(_PASSWORDS, password), **values}
    try:
        return replace(command, text=fill(command.text, known), placeholders=())
    except RunbookError as error:
        msg = f"{error} (line {command.line} of the runbook); give it one under [placeholders] in gateway.toml"
        raise RunbookError(msg) from None


def _newest(target: Target, commands: Sequence[Command], stamp: str, timeout: float) -> NamedFile:
    words = [
        re.sub(r"^[\w-]+:(?=/)", "", word)  # SERVICE:/path of `docker cp`
        for command in commands
        for word in re.findall(_WORD + re.escape(stamp) + _WORD, command.text)
    ]
    # What the procedure sets before it names the file, such as the folder of the backups.
    settings = [command.text for command in commands if _ASSIGNMENT.fullmatch(command.text)]
    for word in dict.fromkeys(words):
        start = word.index(stamp)
        # The letters of a stamp stand for digits, what is between them for itself.
        pattern = word.replace(stamp, re.sub("[YAMDHS]", "[0-9]", stamp))
        script = "\n".join([*settings, f"ls -1td -- {pattern}"])
        names = target.run_script(script, timeout=timeout).stdout.splitlines()
        if names:
            end = len(word) - start - len(stamp)
            return NamedFile(names[0], names[0][len(names[0]) - end - len(stamp) : len(names[0]) - end])
    named = words[0] if words else stamp
    msg = f"expected a file named {named} after the backup, found none: the restore has nothing to read"
    raise NoBackupError(msg)
