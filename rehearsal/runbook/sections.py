"""Finds the section of a heading, and the commands under it; missing, doubled or unreadable is an error here."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NoReturn

from rehearsal.runbook import people
from rehearsal.runbook.model import Problem, Procedure, Runbook, RunbookError, Section
from rehearsal.runbook.resembling import resembles, those_that_mean
from rehearsal.runbook.vocabulary import canonical, fold, in_english, means

_BROADER = {canonical("Automatic Cleanup"): "Log Cleanup", canonical(people.ESCALATION): people.CHAPTER}
"""Under which heading a part stands where a document does not part it."""
DOCUMENT: Final = "the document"
"""What is asked for instead of a heading by what concerns all of it: stands for the first heading, its title."""


def section(runbook: Runbook, *path: str) -> Section:
    """Return the section of a heading; headings above it may be named before it where it alone is not unique.

    Raises RunbookError when there is none, or more than one.
    """
    if path == (DOCUMENT,):
        return runbook.sections[0]
    *above, heading = path
    names = those_that_mean((one.heading for one in runbook.sections), heading)
    found = [one for one in runbook.sections if one.heading in names and _lies_under(one, above)]
    asked = " / ".join(path)
    broader = _BROADER.get(canonical(heading))
    if not found:
        found = _not_parted(runbook, above) if above else _by_both(runbook, heading)
    if not found and broader:
        names = those_that_mean((one.heading for one in runbook.sections), broader)
        found = [one for one in runbook.sections if one.heading in names]
    if not found:
        known = {fold(one.heading): one.heading for one in runbook.sections}
        near = difflib.get_close_matches(fold(heading), known, n=1)
        nearest = f", the nearest is '{known[near[0]]}'" if near else ""
        open_block = next((one for one in runbook.problems if one.about == "procedure"), None)
        swallowed = f"; the block at line {open_block.place.line} is never closed" if open_block else ""
        also = in_english(heading)
        asked = f"'{asked}'" + (f" (or '{also}')" if also and fold(also) != fold(heading) else "")
        msg = f"{runbook.path}: expected a heading {asked}, found none{nearest}{swallowed}"
        raise RunbookError(msg)
    if len(found) > 1:
        # A chapter may have such a name, too, and nothing but headings under it: `Recursos`, above `CPU alta`.
        chapters = {one.path[:-1] for one in runbook.sections}
        found = [one for one in found if one.procedures or one.path not in chapters] or found
    if len(found) > 1:
        places = ", ".join(f"{one.line} ({' / '.join(one.path[1:])})" for one in found)
        msg = f"{runbook.path}:{found[1].line}: expected one heading '{asked}', found {len(found)}, at lines {places}"
        raise RunbookError(msg)
    return found[0]


def _not_parted(runbook: Runbook, above: Sequence[str]) -> list[Section]:
    """Return the section above, where its parts have no headings of their own: `**PostgreSQL**` and a list."""
    names = those_that_mean((one.heading for one in runbook.sections), above[-1])
    chapters = {one.path[:-1] for one in runbook.sections}
    found = [one for one in runbook.sections if one.heading in names and one.path not in chapters]
    return [one for one in found if _lies_under(one, above[:-1])]


def _by_both(runbook: Runbook, heading: str) -> list[Section]:
    """Return the one section that means this together with the heading above it: `Backup manual` / `PostgreSQL`."""
    found = [
        one
        for one in runbook.sections
        if len(one.path) > 1 and one.procedures and _means_together(one.path[-2], one.heading, heading)
    ]
    return found if len(found) == 1 else []


def _means_together(above: str, heading: str, meaning: str) -> bool:
    """Tell whether two headings together mean this: `Limpeza de logs` and `Manual` are `Limpeza Manual`."""
    if means(above, meaning) or resembles(above, meaning):
        return False  # what the one above says alone is not said by this one
    return resembles(f"{above} {heading}", meaning) or any(
        means(f"{word} {heading}", meaning) for word in above.split()
    )


def procedure(runbook: Runbook, *path: str) -> Procedure:
    """Return the procedure under a heading: its blocks of commands and numbered lists, one after the other.

    Raises RunbookError when the heading is missing or doubled, when it has no commands, when one of several blocks
    names no language (it cannot be told from output that is shown), and when a block is never closed.
    """
    under = section(runbook, *path)
    following = [one.line for one in runbook.sections if one.line > under.line]
    for problem in runbook.problems:
        if problem.about == "procedure" and under.line < problem.place.line < min(following, default=sys.maxsize):
            refuse(runbook, problem)
    found = [one for one in under.procedures if one.commands]
    where = f"{runbook.path}:{under.line}: '{under.heading}'"
    if not found:
        others = ", ".join(f"a block of {one.language} at line {one.place.line}" for one in under.procedures)
        msg = f"{where}: expected commands in a ```bash block or in a numbered list, found {others or 'none'}"
        raise RunbookError(msg)
    lists = {step.line for step in under.steps}
    if len(found) > 1 and any(not one.language and one.place.line not in lists for one in found):
        lines = ", ".join(str(one.place.line) for one in found)
        msg = f"{where}: expected one procedure, found {len(found)}, at lines {lines}: mark what is output as ```text"
        raise RunbookError(msg)
    return _joined(sorted(found, key=lambda one: one.place.line))


def _joined(parts: Sequence[Procedure]) -> Procedure:
    commands = tuple(command for part in parts for command in part.commands)
    text = parts[0].text if len(parts) == 1 else "".join(f"{part.text.rstrip()}\n" for part in parts)
    return replace(parts[0], commands=commands, text=text)


def refuse(runbook: Runbook, problem: Problem) -> NoReturn:
    """Raise a problem of the document as an error: RunbookError."""
    subject = f"{problem.subject}: " if problem.subject and problem.subject != problem.place.heading else ""
    msg = f"{runbook.path}:{problem.place.line}: '{problem.place.heading}': {subject}{problem.message}"
    raise RunbookError(msg)


def _lies_under(one: Section, above: Sequence[str]) -> bool:
    ancestors = iter(one.path[:-1])
    return all(any(means(ancestor, heading) for ancestor in ancestors) for heading in above)
