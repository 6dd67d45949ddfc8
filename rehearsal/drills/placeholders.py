"""Fills in what a runbook leaves to the person who follows it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rehearsal.gateway.target import Target, TargetError
from rehearsal.runbook import Command, fill

TIMESTAMP = "YYYYMMDD-HHMMSS"
_DIGITS = re.sub("[A-Z]", "[0-9]", TIMESTAMP)
PASSWORD = '"$DB_PASSWORD"'  # noqa: S105  a reference, see below
"""A reference: the operator's environment holds the secret, the command's text does not."""


class NoBackupError(TargetError):
    """There is no file of the name that the runbook's restore asks for."""


def fill_in(
    target: Target, commands: Sequence[Command], values: Mapping[str, str], *, timeout: float
) -> tuple[Command, ...]:
    """Return commands with their placeholders filled: the time stamp by that of the newest file that fits.

    `values` are gateway.toml's own. Raises NoBackupError where no file fits, RunbookError for a placeholder that
    nobody can fill.
    """
    known = {"your_password": PASSWORD, **values}
    words = [word for command in commands for word in _words(command.text) if TIMESTAMP in word]
    if words and TIMESTAMP not in values:
        known[TIMESTAMP] = _newest(target, words[0], timeout)
    return tuple(replace(command, text=fill(command.text, known), placeholders=()) for command in commands)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text.replace("\\\n", " "))
    except ValueError:
        return text.split()


def _newest(target: Target, word: str, timeout: float) -> str:
    pattern = word.replace(TIMESTAMP, _DIGITS)
    listed = target.run_script(f"ls -1t -- {pattern}", timeout=timeout)
    names = listed.stdout.splitlines()
    if not names:
        msg = f"expected a file named {word} after the backup, found none: the restore has nothing to read"
        raise NoBackupError(msg)
    start = word.index(TIMESTAMP)
    return names[0][start : start + len(TIMESTAMP)]
