"""Commands of the document that ask for BullMQ's jobs as if Redis kept them in another type than it does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rehearsal.runbook.model import Command, Runbook
from rehearsal.runbook.review import commands_of

_LISTS, _SETS = ("wait", "active", "paused"), ("delayed", "prioritized", "completed", "failed", "waiting-children")
"""Where BullMQ keeps jobs of each state: lists, and sets sorted by time or priority."""
_ASKS = re.compile(
    r"\b(?P<verb>LLEN|LRANGE|LINDEX|ZCARD|ZCOUNT|ZRANGE\w*|ZREVRANGE\w*|SCARD|SMEMBERS|HLEN|HGETALL|STRLEN|GET)\s+"
    r"[\"']?(?P<key>[^\s\"';|&)]+):(?P<state>" + "|".join((*_LISTS, *_SETS)) + r")(?![\w:-])",
    re.IGNORECASE,
)


def asked_as_another_kind(runbook: Runbook, prefix: str) -> Iterator[tuple[Command, str]]:
    """Yield each command that Redis refuses once there are such jobs, and what to ask instead. `prefix`: BullMQ's."""
    for command in commands_of(runbook):
        for found in _ASKS.finditer(command.text):
            wanted, count = ("L", "LLEN") if found["state"] in _LISTS else ("Z", "ZCARD")
            if found["key"].startswith(f"{prefix}:") and not found["verb"].upper().startswith(wanted):
                yield command, f"{count} {found['key']}:{found['state']}"
