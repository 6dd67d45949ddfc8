"""The catalogue of sabotages, read from its two files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_HEAD = re.compile(r"^-- (?P<name>.+) => (?P<where>.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Sabotage:
    """One change, and where a difference must be seen."""

    name: str
    where: str
    statements: bytes
    undo: bytes


def read(file: str) -> list[Sabotage]:
    """Return the sabotages of a file beside this one."""
    text = (Path(__file__).parent / file).read_text("utf-8")
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found = []
    for head, end in zip(heads, ends, strict=True):
        statements, _, undo = text[head.end() : end].partition("-- undo\n")
        found.append(Sabotage(head["name"], head["where"], statements.encode(), undo.encode()))
    return found
