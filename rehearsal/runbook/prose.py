"""The text of a section as people read it, without its blocks of commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rehearsal.runbook.model import Runbook
from rehearsal.runbook.vocabulary import fold

_CHECKABLE = re.compile(r"\d|`")
_OVERVIEW = re.compile(
    r"(?:[\divx]+[.)]?\s+)*(?:visao geral|overview|introduc|sobre\b|about\b|escopo|scope\b|proposito|purpose)"
)
_BLOCK = re.compile(r"```.*?```", re.DOTALL)


def prose_at(runbook: Runbook, line: int) -> str:
    """Return the text of the section that a line of the document stands in, its subsections left out.

    What stands in a block is replaced by nothing but its line ends: each line keeps its number from the heading on.
    """
    start = max(one.line for one in runbook.sections if one.line <= line)
    below = (one.line for one in runbook.sections if one.line > start)
    end = next(iter(sorted(below)), None)
    text = "\n".join(runbook.text.splitlines()[start : end and end - 1])
    return _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)


def sentences_at(runbook: Runbook, line: int) -> Iterator[str]:
    """Yield each sentence, or item of a list, of that text."""
    yield from re.split(r"(?<=[.!?])\s|\n", prose_at(runbook, line))


def only_introduces(heading: str, prose: str) -> bool:
    """Tell whether a text says something, and nothing that could be looked at: no figure, no name in code.

    An overview may name both: it says what the document is about.
    """
    return bool(prose.strip()) and (is_overview(heading) or not _CHECKABLE.search(prose))


def is_overview(heading: str) -> bool:
    """Tell whether a section says by its heading that it is about the document or the system as a whole."""
    return bool(_OVERVIEW.match(fold(heading)))
