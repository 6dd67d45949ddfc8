"""Runs the commands of a procedure with a person's patience: who asks a service that is just starting asks again."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace

from rehearsal.gateway.description import ReplicaPart
from rehearsal.gateway.procedure import ProcedureRun, run_commands, what_is_wrong
from rehearsal.gateway.target import CommandRun, Target
from rehearsal.runbook.model import Command

_STARTS_SERVICE = re.compile(
    r"\b(?:docker-compose|docker|podman|systemctl|service)\b.*\b(?:up|start|restart|unpause|reload)\b|\bnginx\s+-s\s+reload"
)
_STARTS = re.compile(rf"{_STARTS_SERVICE.pattern}|(?:^|[\s/])[\w-]+\.(?:sh|py)\b")
"""What may: scripts included."""
_ASKS = re.compile(r"\bcurl\b|\bwget\b|\bpg_isready\b|\bredis-cli\b.*\bping\b|\bnc\s+-\w*z", re.IGNORECASE)
_CHANGES = re.compile(r"\bcurl\b.*\s(?:-X\s*(?!GET|HEAD)\w+|--request\b|-d\b|--data|-T\b|-F\b)|--post")
_SETS = re.compile(r"(?:export\s+)?\w+=\S*|cd\s+\S+")
_PAUSE_SECONDS = 0.3


def run_patiently(target: Target, commands: Sequence[Command], limits: ReplicaPart) -> ProcedureRun:
    """Run commands as `run_commands` does, and a question to a service that one of them has just started again.

    It counts as it ended last, as long after the others as a service has to be ready. Raises TargetError.
    """
    timeout = limits.command_timeout_seconds
    run = run_commands(target, commands, timeout=timeout)
    ended = list(run.commands)
    deadline = time.monotonic() + limits.ready_timeout_seconds
    for number, command in enumerate(commands):
        before = commands[:number]
        if any(_STARTS.search(one.text) for one in before):
            settings = [one for one in before if _SETS.fullmatch(one.text)]
            left = deadline - time.monotonic()
            ended[number] = asked_again(target, [*settings, command], ended[number], timeout=timeout, patience=left)
    return replace(run, commands=tuple(ended))


def starts_service(command: str) -> bool:
    """Tell whether a command leaves a service behind that is not ready yet."""
    return bool(_STARTS_SERVICE.search(command))


def asked_again(
    target: Target, commands: Sequence[Command], ended: CommandRun, *, timeout: float, patience: float
) -> CommandRun:
    """Give the last of the commands again, where it only asked whether a service is there, and return how it ended."""
    text, deadline = commands[-1].text, time.monotonic() + patience
    if not _ASKS.search(text) or _CHANGES.search(text) or _STARTS.search(text) or ended.exit_code is None:
        return ended
    while what_is_wrong(ended) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        ended = run_commands(target, commands, timeout=timeout).commands[-1]
    return ended
