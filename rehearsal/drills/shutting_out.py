"""The way in which a section shuts an address out: by a command that names one, as an example or to be filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rehearsal.runbook import Command, fill
from rehearsal.runbook.vocabulary import fold

_SHUTS_OUT = re.compile(r"bloque|block|deny|denied|\bban", re.IGNORECASE)
_ONLY_LOOKS = re.compile(r"\b[ef]?grep\b|\blogs\b")
_EXAMPLE = re.compile(r"(?<![\d.])(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}(?:/\d{1,2})?(?![\d.])")
"""What documents name in the place of an address (RFC 5737)."""
_ADDRESS = re.compile(r"\bip\b|endereco|address")


def shutting_out(commands: Sequence[Command], what: str) -> tuple[Command, ...]:
    """Return the commands that shut an address out, with `what` in the place of the one that they name."""
    found = (_with(command, what) for command in commands if _SHUTS_OUT.search(command.text))
    return tuple(one for one in found if one is not None)


def _with(command: Command, what: str) -> Command | None:
    if _ONLY_LOOKS.search(command.text):
        return None
    named = {one.text: what for one in command.placeholders if _ADDRESS.search(fold(one.text.strip("[]<>{} ")))}
    text = _EXAMPLE.sub(what, fill(command.text, named) if named else command.text)
    left = tuple(one for one in command.placeholders if one.text not in named)
    return replace(command, text=text, placeholders=left) if text != command.text else None
