"""Whether the commands of a section say something else once a service is down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from rehearsal.drills.said import Said
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.target import CommandRun, Target
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.runbook import Command
from rehearsal.runbook.vocabulary import fold

_WEB = ("curl", "wget", "http")
_ASKS = {"postgres": ("psql", "pg_", "postgres", "ready"), "redis": ("redis", "ready"), "api": _WEB, "nginx": _WEB}
"""Words of commands that ask a service."""
_NAMED = {"postgres": re.compile(r"postgres|\bbancos?\b|\bdatabase|\bdb\b"), "redis": re.compile(r"redis")}
"""Stores in the words above a command that is to tell of them."""


@dataclass(frozen=True)
class Telling:
    """The commands of a section, and what they say while all is well."""

    target: Target
    commands: Sequence[Command]
    timeout: float
    """Seconds for each command."""
    calm: tuple[Sequence[Said], Sequence[Said]]
    """Said twice: what differs between the two tells nothing."""

    @classmethod
    def listen(cls, target: Target, commands: Sequence[Command], timeout: float) -> Telling:
        """Hear what the commands say now. Raises TargetError."""
        one, two = (_say(target, commands, timeout) for _ in range(2))
        return cls(target, commands, timeout, (one, two))

    def different(self) -> list[CommandRun]:
        """Run the commands again, and return those that end otherwise or say something else. Raises TargetError."""
        now = _say(self.target, self.commands, self.timeout)
        return [said.run for said, one, two in zip(now, *self.calm, strict=True) if said.differs(one, one.noise(two))]

    def mute(self, named: Sequence[Command], timeout: float) -> list[Command]:
        """Return those of the commands that tell nothing, however long one waits: a page may be a moment behind.

        Under one comment it is enough that one tells: another may set a variable. Raises TargetError.
        """
        left = list(named)

        def heard() -> bool:
            lines = {run.line for run in self.different()}
            told = {one.label for one in left if one.line in lines}
            left[:] = [one for one in left if one.label not in told]
            return not left

        with suppress(DeadlineError):
            wait_until(heard, what="each command to tell", timeout=timeout)
        return left


def looks_at(service: str, commands: Sequence[Command]) -> bool:
    """Tell whether a command asks that service, or a health page that should know of it."""
    return any(word in command.text for command in commands for word in _ASKS[service])


def named_by(service: str, commands: Sequence[Command]) -> list[Command]:
    """Return the commands whose comment names a store: who reads it takes their answer for that of the store."""
    return [one for one in commands if service in _NAMED and _NAMED[service].search(fold(one.label))]


def _say(target: Target, commands: Sequence[Command], timeout: float) -> list[Said]:
    run = run_commands(target, commands, timeout=timeout)
    return [Said(one, f"{one.stdout}\n{one.stderr}") for one in run.commands]
