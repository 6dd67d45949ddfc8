"""Queries by which a section counts the mails that wait, and that print the same when there are more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rehearsal.drills.queue_length import QueueLength
from rehearsal.gateway.target import CommandRun
from rehearsal.runbook import Procedure, Section
from rehearsal.runbook.vocabulary import fold

_QUERY = re.compile(r"\bpsql\b")
_OF_WAITING = re.compile(
    r"\b(?:wait\w*|queued?|pending|backlog|unsent|not (?:yet )?sent|fila|esper\w+|aguard\w+|pendent\w+|nao enviad\w+)\b"
)
_OF_OTHERS = re.compile(
    r"\b(?:fail\w*|falh\w+|erros?|errors?|dead|mort\w+|max\w*|past|last|ultim\w+|oldest|lock\w*|bloque\w+|paus\w+"
    r"|connections?|conex\w+)\b"
)
_FOR_LONG = re.compile(r"\b(?:interval|older|longer|more than|mais (?:de|antig\w+))\b|[<>]\s*\d")


def blind_counts(seen: QueueLength, under: Section, written: Procedure) -> Iterator[CommandRun]:
    """Yield the queries that say they count waiting mails and printed the same before the mails came as with them."""
    said = {command.line: command.label for command in written.commands}
    said |= {command.line: step.text for step in under.steps for command in step.commands}
    before = {run.line: run for run in seen.before}
    for run in seen.waiting:
        words, query = fold(said.get(run.line or 0, "")).replace(fold(run.command), ""), run.command.casefold()
        counts = _QUERY.search(query) and _OF_WAITING.search(words) and not _OF_OTHERS.search(words)
        other = before.get(run.line)
        if counts and not _FOR_LONG.search(f"{words} {query}") and run.ok and other and other.stdout == run.stdout:
            yield run
