"""What can be wrong with a document by itself: links that lead nowhere, unfinished notes, old programs, its dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.runbook.model import Command, Link, Procedure, Runbook

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_OWN_ANCHOR = re.compile(r"""<a\s[^>]*\b(?:id|name)=["']?([^"'\s>]+)""", re.IGNORECASE)
# `TODO` is a word of Portuguese: in capitals it is a note only where a comment, a bracket or a colon makes it one.
_NOTE = re.compile(
    r"""(?:^|(?<=[\s#(\[>*`_-]))
    (?: (?:FIXME|XXX|TBD|TBC) \b
      | TODO (?= \s* [:\])] | \s* $ | \( )
      | (?<=\#\s) TODO \b (?! \s+ (?:[OA]S?|ESSE|ESTE|DIA|MUNDO) \b )
      | (?<=<!--\s) TODO \b
    )""",
    re.VERBOSE | re.MULTILINE,
)
_PROGRAM_BEFORE = r"(?:^|[|;&(]|&&|\|\||\bsudo|\btime|\bexec|\benv)\s*"


@dataclass(frozen=True, slots=True)
class OldProgram:
    """A program that its makers have given up."""

    name: str
    since: str
    instead: str


OLD_PROGRAMS = (
    OldProgram("certbot-auto", "January 2021", "the package certbot"),
    OldProgram("letsencrypt-auto", "January 2021", "the package certbot"),
    OldProgram("apt-key", "Debian 11 (2021), the last release that has it", "a key in /etc/apt/keyrings and signed-by"),
    OldProgram("docker-machine", "September 2021", "docker context"),
    OldProgram("docker-cloud", "May 2018", "docker compose"),
    OldProgram("python2", "January 2020", "python3"),
    OldProgram("pip2", "January 2021", "python3 -m pip"),
    OldProgram("easy_install", "setuptools 58 (2021)", "python3 -m pip"),
    OldProgram("redis-trib.rb", "Redis 5 (2018)", "redis-cli --cluster"),
)
"""With the time from which on nobody mends them; what still works and is only unfashionable is not here."""


def broken_links(runbook: Runbook) -> Iterator[tuple[Link, str]]:
    """Yield each link that leads to nothing in the document or beside it, and why. What is elsewhere is not asked."""
    anchors = {one.anchor for one in runbook.sections} | set(_OWN_ANCHOR.findall(runbook.text))
    for link in runbook.links:
        target, _, anchor = link.target.partition("#")
        if _ELSEWHERE.match(link.target) or link.target.startswith("//"):
            continue
        if not link.target:
            yield link, "it names nothing"
        elif not target and anchor not in anchors:
            yield link, f"no heading has the anchor #{anchor}"
        elif target and not target.startswith("/") and not (runbook.path.parent / target).exists():
            yield link, f"there is no file {target} beside the document"


def links_within(runbook: Runbook) -> list[Link]:
    """Return the links that `broken_links` can judge."""
    return [link for link in runbook.links if not _ELSEWHERE.match(link.target) and not link.target.startswith("//")]


def notes_left(runbook: Runbook) -> Iterator[tuple[int, str]]:
    """Yield line and text of each note of something that is still to be done: `TODO:`, `FIXME`, `XXX`, `TBD`."""
    for number, line in enumerate(runbook.text.split("\n"), start=1):
        if _NOTE.search(line):
            yield number, line.strip()


def commands_of(runbook: Runbook) -> list[Command]:
    """Return every command of the document, those of steps among them, each once."""
    found: dict[tuple[int, str], Command] = {}
    for one in runbook.sections:
        groups = [part.commands for part in one.procedures]
        groups += [step.commands for step in (*one.steps, *one.items)]
        for command in (command for group in groups for command in group):
            found.setdefault((command.line, command.text), command)
    return sorted(found.values(), key=lambda command: command.line)


def calls(command: Command, program: str) -> bool:
    """Tell whether a command starts a program, by its name or its path."""
    word = rf"(?:[\w./~-]*/)?{re.escape(program)}(?=\s|$|[;&|)])"
    return bool(re.search(_PROGRAM_BEFORE + word, command.text, re.MULTILINE))


def old_programs(runbook: Runbook) -> Iterator[tuple[Command, OldProgram]]:
    """Yield each command that starts a program which nobody mends any more."""
    for command in commands_of(runbook):
        for old in OLD_PROGRAMS:
            if calls(command, old.name):
                yield command, old


_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[ \t]*\w", re.MULTILINE)


def swallowing(runbook: Runbook) -> Iterator[Procedure]:
    """Yield each block in which another one begins: the end of the first is missing, and what follows is lost in it."""
    for one in runbook.sections:
        for block in one.procedures:
            if block.language.lower() not in ("markdown", "md") and _FENCE.search(block.text):
                yield block


_HOLDS_UP = re.compile(r"\bredis-cli\b[^|;]*\sKEYS\b", re.IGNORECASE)


def holding_up(runbook: Runbook) -> Iterator[Command]:
    """Yield each command under which Redis answers nobody else: `KEYS` walks all keys in one go, as `SCAN` does not."""
    return (command for command in commands_of(runbook) if _HOLDS_UP.search(command.text))


_AMOUNT = r"([0-9]+(?:[.,][0-9]+)?)\s*(h|hours?|horas?|min|minutes?|minutos?|d|days?|dias?)\b"
_HOURS = {"h": 1.0, "m": 1 / 60, "d": 24.0}


def objectives_named(runbook: Runbook) -> Iterator[tuple[str, float, int]]:
    """Yield each recovery objective that the document names: `RTO` or `RPO`, its hours, the line.

    `4 horas (RTO)`, `RTO: 4 h`, `RTO de 30 minutos`.
    """
    for number, line in enumerate(runbook.text.split("\n"), start=1):
        for name in ("RTO", "RPO"):
            before = re.search(rf"{_AMOUNT}[^.,;0-9]*\(\s*{name}\s*\)", line, re.IGNORECASE)
            after = re.search(rf"\b{name}\b\W*(?:[^\W\d]+\W+){{0,3}}?{_AMOUNT}", line, re.IGNORECASE)
            found = before or after
            if found:
                yield name, float(found[1].replace(",", ".")) * _HOURS[found[2][0].lower()], number


_REMOVES = re.compile(r"\b(?:rm|unlink|apag\w+|delet\w+|remov\w+|exclu\w+|eras\w+)\b", re.IGNORECASE)
_OF_POSTGRES = re.compile(r"\b(?:pg_wal|pg_xlog|pg_clog|pg_xact)\b")
_NEVER = re.compile(r"\b(?:n[aã]o|nunca|jamais|never|not|don't|sem)\b", re.IGNORECASE)


def destroying(runbook: Runbook) -> Iterator[tuple[int, str]]:
    """Yield line and text of each step or command that removes files without which PostgreSQL can't start again."""
    said = {one.line: one.text for one in commands_of(runbook)}
    said |= {one.line: one.text for part in runbook.sections for one in (*part.steps, *part.items)}
    for line, text in sorted(said.items()):
        if _REMOVES.search(text) and _OF_POSTGRES.search(text) and not _NEVER.search(text):
            yield line, text
