"""What an answer of a health endpoint is worth: 200 alone says that somebody answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rehearsal.gateway.http import Answer

_BAD = frozenset(
    {
        "down",
        "error",
        "fail",
        "failed",
        "failing",
        "unhealthy",
        "unavailable",
        "unreachable",
        "disconnected",
        "critical",
    }
    | {"not ready", "not_ready", "not-ready", "notready", "nok", "not ok"}
)
_YES_OR_NO = frozenset({"ok", "healthy", "ready", "alive", "up", "success"})
_PAST = re.compile(r"last|previous|prior|histor|since", re.IGNORECASE)
"""Names of what was, such as `last_error`."""
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)


def faults(answer: Answer) -> Iterator[str]:
    """Say what speaks against a successful answer of a health endpoint, each in a sentence without its URL."""
    if _HTML.match(answer.body):
        yield "a page of HTML, which is for people: an error page or a start page, not the health of a program"
        return
    try:
        said = json.loads(answer.body)
    except ValueError:
        return
    for path, value in _bad(said, ()):
        yield f"{answer.status} and says in its body {'.'.join(path)} = {json.dumps(value)}"


def is_catch_all(answer: Answer, elsewhere: Answer) -> bool:
    """Tell whether a path that nobody serves has the same answer: it is then no answer of the health endpoint."""
    return answer.status == elsewhere.status and _constant(answer.body) == _constant(elsewhere.body)


def _constant(body: str) -> str:
    return re.sub(r"[0-9a-f-]{32,}|\d+", "", body).strip()


def _bad(said: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:  # noqa: ANN401 - JSON
    if isinstance(said, dict):
        for name, value in said.items():
            if not _PAST.search(str(name)):
                yield from _bad(value, (*path, str(name)))
    elif isinstance(said, list):
        for number, value in enumerate(said):
            yield from _bad(value, (*path, str(number)))
    elif path and (
        (isinstance(said, str) and said.strip().casefold() in _BAD)
        or (said is False and path[-1].casefold() in _YES_OR_NO)
    ):
        yield path, said
