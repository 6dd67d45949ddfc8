"""Which comment of a block of shell is the label of which command."""

from __future__ import annotations


class Labels:
    """The comment above a command or its group of lines, else the one at its end."""

    def __init__(self) -> None:
        self._above: list[str] = []
        self._behind = ""
        self._used = False
        self._gap = False
        self._blank = True

    def above(self, comment: str) -> None:
        """Note a comment on a line of its own; those on following lines belong to it."""
        if self._used or self._gap:
            self._above.clear()
        self._used = self._gap = self._blank = False
        text = comment.lstrip("#").strip()
        if not comment.startswith("#!") and any(char.isalnum() for char in text):
            self._above.append(text)

    def behind(self, comment: str) -> None:
        """Note a comment after a command."""
        self._behind = comment.lstrip("#").strip()

    def take(self) -> str:
        """Return the label of the command that ends here."""
        label = " ".join(self._above) or self._behind
        self._used, self._blank, self._behind = True, False, ""
        return label

    def line_ended(self) -> None:
        """Note the end of a line: an empty one ends a group."""
        if self._blank:
            self._gap = True
            if self._used:
                self._above.clear()
        self._blank = True
