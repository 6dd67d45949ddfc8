"""Texts of scripts, and of what they said, without what tells nothing: figures that are other each time, comments."""

from __future__ import annotations

import re

_WITH_DIGITS = re.compile(r"\S*\d\S*")
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")


def without_figures(text: str) -> list[str]:
    """Return the lines of what was said without words that hold a digit: moments, sizes, names with a stamp."""
    return [" ".join(_WITH_DIGITS.sub(" ", line).split()) for line in text.splitlines()]


def without_comments(text: str) -> str:
    """Return a script without its comments."""
    return _COMMENT.sub("", text)
