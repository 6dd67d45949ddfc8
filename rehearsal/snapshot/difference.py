"""What two snapshots differ in, each in a sentence, and the error of a snapshot that could not be taken."""

from __future__ import annotations

from dataclasses import dataclass

_LIMIT = 300
"""Characters of one side of a difference: a function's body would fill the report."""
_LEAD = 60
"""Characters shown before the first place where two long texts differ."""


class SnapshotError(Exception):
    """A store that could not be read whole: one sentence. Nothing is known about what it holds."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a store should hold and what it holds instead."""

    where: str
    """Such as `column public.email_outbox.state` or `key bull:email-send:12`."""
    expected: str
    observed: str


def clip(text: str, start: int = 0) -> str:
    """Return a line of at most about 300 characters of a text, from `start` on, with what was cut marked."""
    line = " ".join(text[start : start + 4 * _LIMIT].split())
    head = "… " if start else ""
    tail = " …" if len(line) > _LIMIT or start + 4 * _LIMIT < len(text) else ""
    return f"{head}{line[:_LIMIT]}{tail}"


def difference(where: str, expected: str, observed: str) -> Difference:
    """Make a difference of two texts that may be long: both are shown from shortly before where they part."""
    same = next((i for i, (a, b) in enumerate(zip(expected, observed, strict=False)) if a != b), 0)
    long = max(len(expected), len(observed)) > _LIMIT
    start = max(0, (same or min(len(expected), len(observed))) - _LEAD) if long else 0
    return Difference(clip(where), clip(expected, start), clip(observed, start))
