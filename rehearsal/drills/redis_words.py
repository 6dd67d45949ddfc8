"""The words by which lines of a monitor of Redis, and of a document about it, are known."""

from __future__ import annotations

import re

from rehearsal.drills.said import Said, numbers

_TWO = 2
_BIT = re.compile(r"[\s:=]([01])\s*$")
_AGE = re.compile(r"\b(idade|h[aá]|antig\w+|age|old\w*)\b", re.IGNORECASE)
_FAILED = re.compile(r"\b(?:falh\w*|fail\w*)", re.IGNORECASE)
READS_FAILED = re.compile(r"^[^#\n]*\b(?:[ZS]CARD|LLEN|ZCOUNT)\b[^\n|;]*\bfailed\b", re.IGNORECASE | re.MULTILINE)
ABOUT = {
    "queue": re.compile(r"\b(filas?|queues?|jobs?|wait\w*|espera\w*)\b", re.IGNORECASE),
    "pause": re.compile(r"paus", re.IGNORECASE),
    "failed": _FAILED,
    "saving": re.compile(
        r"persist|(?<![a-z])(?:rdb|aof|bgsave|sav(?:e[sd]?|ing))(?![a-z])|\bsalv\w+|\bgrava\w*", re.IGNORECASE
    ),
    "memory": re.compile(r"\bmem(?:[oó]ria|ory)?\b|used_memory", re.IGNORECASE),
}


def is_line_about(about: str, line: str) -> bool:
    """Tell whether a line is about one of ABOUT."""
    # How long the oldest mail has waited is no length of a queue; a line that tells the age may tell the length, too.
    only_age = about == "queue" and _AGE.search(line) and len([*numbers(line)]) < _TWO
    return bool(ABOUT[about].search(line)) and not only_age


def bits_of_saving(said: Said) -> list[str]:
    """Return what ends lines about saving where that is 0 or 1: some monitors say no more of it."""
    lines = [line for line in said.text.splitlines() if ABOUT["saving"].search(line)]
    return [found[1] for line in lines if (found := _BIT.search(line))]


def figures_of_failed(said: Said) -> list[float]:
    """Return the figures of the lines that speak of failure, in whatever words of a verdict they stand."""
    return [number for line in said.text.splitlines() if _FAILED.search(line) for number in numbers(line)]
