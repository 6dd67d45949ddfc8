"""A window on a stream of bytes that knows at which line it stands: a dump may be larger than memory."""

from __future__ import annotations

from collections.abc import Iterable
from re import Match, Pattern

LONGEST = 1 << 20
"""Bytes of a word, a comment or a run of blanks: pg_dump's names have 63."""

_AHEAD = 128
"""Bytes behind a token that may make it another one, such as the rest of a dollar quote's tag."""


class Window:
    """What is being looked at of a stream, and no more of it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.data = b"\n"
        """Begins with a line's end that is not part of the stream: its first byte begins a line."""
        self.at = 1
        self.line = 1
        self.ended = False

    def more(self) -> bool:
        """Read on, and forget what was passed but for its last byte; False where there is nothing more."""
        chunk = next((chunk for chunk in self._chunks if chunk), b"")
        if not chunk:
            self.ended = True
            return False
        self.data = self.data[self.at - 1 :] + chunk
        self.at = 1
        return True

    def take(self, end: int) -> bytes:
        """Pass over what lies before `end`, and return it."""
        taken = self.data[self.at : end]
        self.line += taken.count(b"\n")
        self.at = end
        return taken

    def match(self, pattern: Pattern[bytes]) -> Match[bytes] | None:
        """Match here; what reaches the end of the window is matched again with more of the stream."""
        while True:
            found = pattern.match(self.data, self.at)
            whole = found is not None and found.end() + _AHEAD <= len(self.data)
            if whole or len(self.data) - self.at > LONGEST or not self.more():
                return found

    def ahead(self, count: int) -> bytes:
        """Return the next bytes, fewer at the end of the stream, without passing over them."""
        while len(self.data) - self.at < count and self.more():
            pass
        return self.data[self.at : self.at + count]

    @property
    def begins_a_line(self) -> bool:
        """Tell whether the next byte is the first of its line."""
        return self.data[self.at - 1 : self.at] == b"\n"
