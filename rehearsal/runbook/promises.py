"""What a section promises, line by line: what must be verified for it to count as verified."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rehearsal.runbook.model import Section, Step
from rehearsal.runbook.prose import is_overview
from rehearsal.runbook.vocabulary import fold


@dataclass(frozen=True, slots=True)
class Promise:
    """One command, table row, numbered step or item of a list."""

    kind: Literal["command", "row", "step", "item"]
    text: str
    line: int
    parts: tuple[int, ...] = ()
    """Lines of its commands, where those stand on lines of their own: with all of them seen, it was."""


_EXPLAINS = re.compile(
    r"(?:[\divx]+[.)]?\s+)*(?:glossar|siglas?\b|acron|abrevia|abbrevi|terminolog|exemplos?\b|examples?\b"
    r"|histor|changelog|(?:version|revision)s?\b.*\b(?:history|log)\b|registro de (?:versoes|revisoes|alteracoes))"
)


_MEASURED = re.compile(r"\d\s*(?:%|ms|s|min\w*|h|hours?|horas?|days?|dias?|semanas?|weeks?)(?!\w)")
"""In a row of an overview: others only name what there is, such as the services."""


def explains_only(heading: str) -> bool:
    """Tell whether a section promises nothing by its heading: it says what words mean, or shows an example."""
    return bool(_EXPLAINS.match(fold(heading)))


def promises_of(section: Section) -> tuple[Promise, ...]:
    """Return what stands directly under a heading, in the order of the document; prose is the heading's own."""
    if explains_only(section.heading) and not any(one.commands for one in section.procedures):
        return ()
    found = [
        Promise("row", text, row.line)
        for row in section.rows
        for text in [" | ".join(row.cells)]
        if _MEASURED.search(fold(text)) or not is_overview(section.heading)
    ]
    ends = [*(step.line for step in section.steps[1:]), sys.maxsize]
    for step, end in zip(section.steps, ends, strict=False):
        found.append(_listed("step", step, [one.line for one in section.items if step.line < one.line < end]))
    found += [_listed("item", item) for item in section.items]
    taken = {promise.line for promise in found}
    for command in (command for procedure in section.procedures for command in procedure.commands):
        if command.line not in taken:
            found.append(Promise("command", command.text, command.line))
            taken.add(command.line)
    return tuple(sorted(found, key=lambda promise: promise.line))


def _listed(kind: Literal["step", "item"], step: Step, below: Sequence[int] = ()) -> Promise:
    """`below`: lines of the list that a step introduces with a colon, and says nothing of its own beside."""
    own = {one.line for one in step.commands} - {step.line}
    introduced = set() if step.commands or not step.text.rstrip().endswith(":") else set(below)
    return Promise(kind, step.text, step.line, tuple(sorted(own | introduced)))


def says_nothing(section: Section) -> bool:
    """Tell whether nothing stands directly under a heading."""
    return not (section.prose or section.procedures or section.steps or section.items or section.rows)
