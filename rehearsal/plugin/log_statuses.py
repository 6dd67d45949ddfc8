"""Statuses of requests: those that a command looks for, and those in the lines of a log, whatever its format."""

from __future__ import annotations

import re

_SEARCHES = re.compile(r"\b[ef]?grep\b|\bawk\b|\bsed\b")
_STATUS = re.compile(r"(?<![\d.])4(?:\d\d(?!\d)|\[0-9\]\[0-9\]|\[0-9\]\{2\}|\\d\\d|\.\.)")
"""As a person writes it in an expression, which each of them is."""
_FIELD = re.compile(r"\$\d+\s*~\s*/\^\"?4/")
"""A field of `awk` that begins so."""
_LOGGED_STATUS = re.compile(r"(?:\"\s|\bstatus\"?\s*[:=]\s*\"?)(?P<status>4\d\d)(?![\w.])|\s(?P<before>4\d\d)\s\"")
"""Behind the request, before it, or by name."""
_BEHIND = re.compile(r"\"\s[1-5]\d\d\s")


def statuses_sought(command: str) -> re.Pattern[str]:
    """Return the expression of the statuses from 400 on that a command looks for; one of nothing where it does not."""
    found = _STATUS.findall(command) + [r"4\d\d"] * bool(_FIELD.search(command))
    return re.compile("|".join(found) if _SEARCHES.search(command) else "")


def statuses_of(line: str) -> list[str]:
    """Return the statuses from 400 on that a line of a log tells."""
    found = list(_LOGGED_STATUS.finditer(line))
    behind = [one["status"] for one in found if one["status"]]
    # Behind a status the bytes of an answer may look like one.
    return behind if behind or _BEHIND.search(line) else [one["before"] for one in found]
