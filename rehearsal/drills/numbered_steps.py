"""The numbered steps of an emergency as commands: their own, those of the sections that they lead to, or name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rehearsal.runbook import Command, Runbook, RunbookError, Section, Step, procedure, section

_RESTARTS = re.compile(r"\b(docker-compose|docker compose|docker|systemctl)\b.*\brestart\b")
_RESTART_WORDS = re.compile(r"\brein[ií]ci|\brestart", re.IGNORECASE)
_LEADS_TO = {
    "Automatic Cleanup": re.compile(r"\blogs?\b", re.IGNORECASE),
    "Manual Cleanup": re.compile(r"\b(imagens|images?|docker)\b", re.IGNORECASE),
}
"""Where a step that gives neither commands nor a link is told elsewhere in the document."""
_LEVEL = re.compile(r"\b(?:n[ií]vel|level)\s+(\d+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One step, and what a person types for it."""

    step: Step
    commands: tuple[Command, ...]
    level: int | None
    """The level of escalation that it names."""


def parts_of(runbook: Runbook, heading: str, service: str = "") -> tuple[Part, ...]:
    """Return the steps of a section with their commands.

    A step that says to restart and gives no command is what the document says elsewhere of restarting `[service]`.
    Raises RunbookError where the section has no steps, or leads to one that is not there.
    """
    found = section(runbook, heading)
    if not found.steps:
        msg = f"{runbook.path}:{found.line}: '{found.heading}': expected numbered steps, found none"
        raise RunbookError(msg)
    ends = [step.line for step in found.steps[1:]] + [found.steps[-1].line + 1]
    return tuple(_part(runbook, step, end, service) for step, end in zip(found.steps, ends, strict=True))


def _part(runbook: Runbook, step: Step, end: int, service: str) -> Part:
    commands = list(step.commands)
    for target in _linked(runbook, step, end):
        commands += _behind(runbook, target)
    if not commands:
        commands += _told_elsewhere(runbook, step, service)
    level = _LEVEL.search(step.text)
    return Part(step, tuple(commands), int(level[1]) if level else None)


def _behind(runbook: Runbook, target: Section) -> Iterator[Command]:
    """Yield the commands of a section that a link leads to; of a chapter those of its sections."""
    below = [one for one in runbook.sections if one.path[: len(target.path)] == target.path and _has_commands(one)]
    # Itself, where it has some; where nothing has, its error says so.
    for one in [target] if _has_commands(target) or not below else below:
        yield from procedure(runbook, *one.path[1:]).commands


def _has_commands(one: Section) -> bool:
    return any(part.commands for part in one.procedures)


def _linked(runbook: Runbook, step: Step, end: int) -> Iterator[Section]:
    for link in runbook.links:
        if step.line <= link.line < end and link.target.startswith("#"):
            target = next((one for one in runbook.sections if f"#{one.anchor}" == link.target), None)
            if target is None:
                msg = f"{runbook.path}:{link.line}: expected a heading behind the link {link.target}, found none"
                raise RunbookError(msg)
            yield target


def _told_elsewhere(runbook: Runbook, step: Step, service: str) -> Iterator[Command]:
    if service and _RESTART_WORDS.search(step.text):
        for command in _all_commands(runbook):
            if _RESTARTS.search(command.text) and command.placeholders:
                text = command.text.replace(command.placeholders[0].text, service)
                yield replace(command, text=text, placeholders=())
                return
    for heading, words in _LEADS_TO.items():
        if words.search(step.text):
            try:
                yield from procedure(runbook, heading).commands
            except RunbookError:
                continue
            return


def _all_commands(runbook: Runbook) -> Iterator[Command]:
    for one in runbook.sections:
        for part in one.procedures:
            yield from part.commands


def restarts(command: str) -> bool:
    """Tell whether a command restarts services."""
    return bool(_RESTARTS.search(command))


def restarted(runbook: Runbook, heading: str, names: Mapping[str, str]) -> str:
    """Return the service that the commands of a section restart, as its example; empty where they name none.

    `names` say which service each name means.
    """
    for command in (one for step in section(runbook, heading).steps for one in step.commands):
        if restarts(command.text):
            return next((names[name] for name in names if re.search(rf"\b{re.escape(name)}\b", command.text)), "")
    return ""
