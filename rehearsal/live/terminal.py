"""Commands that expect the terminal of whoever types them, which a run has not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.runbook.model import Command

_DOCKER = re.compile(r"(\bdocker exec(?:[ \t]+-[\w=-]+(?:[ \t]+[^-\s]\S*)?)*?[ \t]+)(?:(-i)t|-t(i)|-t|--tty)(?=[ \t])")
_COMPOSE = re.compile(r"(\bdocker[- ]compose(?:[ \t]+[\w./=-]+)*?[ \t]+exec)(?=[ \t])(?![^|;&\n]*[ \t]-T\b)")
_COMPOSE_TTY = re.compile(r"(\bdocker[- ]compose(?:[ \t]+[\w./=-]+)*?[ \t]+exec -T)[ \t]+-(?:it|ti|t)(?=[ \t])")


def without_terminal(text: str) -> str:
    """Return a command as it is typed where there is no terminal: `docker exec -it` would fail for that alone."""
    text = _DOCKER.sub(lambda found: found[1] + ("-i" if found[2] or found[3] else ""), text)
    return _COMPOSE_TTY.sub(r"\1", _COMPOSE.sub(r"\1 -T", text))


def in_their_words(run: ProcedureRun, commands: Sequence[Command]) -> ProcedureRun:
    """Return the run with each command as the runbook has it."""
    ended = tuple(replace(one, command=said.text) for one, said in zip(run.commands, commands, strict=True))
    return replace(run, commands=ended)
