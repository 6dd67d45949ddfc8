"""Anchors of headings, exactly as GitHub makes them."""

from __future__ import annotations

import unicodedata

_KEPT = ("Nd", "Nl", "Pc")


class Anchors:
    """The anchors of one document, in the order of its headings: repeats get `-1`, `-2` and so on."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def next(self, heading: str) -> str:
        """Return the anchor of the next heading, whose rendered text this is."""
        plain = _slug(heading)
        anchor = plain
        while anchor in self._taken:
            self._taken[plain] += 1
            anchor = f"{plain}-{self._taken[plain]}"
        self._taken[anchor] = 0
        return anchor


def _slug(text: str) -> str:
    # `ª` is a letter and `²` is not a digit: GitHub goes by the categories of Unicode, which `\w` does not.
    kept = (char for char in text.lower() if char in " -" or _is_word(char))
    return "".join(kept).replace(" ", "-")


def _is_word(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LM" or category in _KEPT
