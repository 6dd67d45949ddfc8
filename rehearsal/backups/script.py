"""What psql would make of its input: the tokens of a script, read as psql reads them, without running any of it.

Own code, since what counts is where psql's own scanner sees a quote end, a comment begin, or a backslash outside of
both. Where its versions read differently, the token is `unreadable`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rehearsal.backups.window import LONGEST, Window

KEPT = 1 << 20
"""Bytes of a literal that are kept for whoever judges it."""

_TOKEN = re.compile(
    rb"""
      (?P<blank> [\ \t\r\n\f\v]+ )
    | (?P<comment> --[^\n\r]* )
    | (?P<block> /\* )
    | (?P<escaped> [eE]' )
    | (?P<prefixed> (?:[bBxX] | [uU]&)' )
    | (?P<plain> [nN]?' )
    | (?P<quoted> (?:[uU]&)?" )
    | (?P<word> [A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]* )
    | (?P<number> (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)? )
    | (?P<dollar> \$ (?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]{0,100})? \$ )
    | (?P<parameter> \$[0-9]+ )
    | (?P<meta> \\ )
    | (?P<variable> :[A-Z][A-Z0-9_]* )
    | (?P<semicolon> ; )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<symbol> ::|. )
    """,
    re.VERBOSE | re.DOTALL,
)
_SIMPLE = re.compile(rb"[^'\\]*'(?!')")
_JOINED = re.compile(rb"[A-Za-z0-9_$\x80-\xff]")
_CLEAN = re.compile(rb"[^\\]*+(?:\\[\\bfnrtvN][^\\]*+)*+")
_IN_COMMENT = re.compile(rb"/\*|\*/")
_LITERALS = frozenset(("escaped", "prefixed", "plain"))


class Token(NamedTuple):
    """One token. `text` of a literal is what stands between its quotes, cut off after `KEPT` bytes."""

    kind: str
    """A name of the groups above; `string` for a literal in single quotes, `unreadable` for what has two readings."""
    text: bytes
    line: int
    first: bool = False
    """Whether it stands at the beginning of its line."""


class Script:
    """A script on its way to psql."""

    def __init__(self, chunks: Iterable[bytes], *, body: bool = False) -> None:
        self._window = Window(chunks)
        self._body = body
        self.standard_strings = True
        """Whether a backslash in plain quotes is a character like others: psql asks the server, we follow the SETs."""

    def tokens(self) -> Iterator[Token]:
        """Yield all tokens but blanks. After the `;` of a COPY from stdin, call `copy_data` before the next one."""
        window, after_string = self._window, False
        while window.ahead(1):
            first, line = window.begins_a_line, window.line
            found = window.match(_TOKEN)
            assert found, "the last alternative matches any byte"
            kind, text = str(found.lastgroup), window.take(found.end())
            if kind == "blank" and len(text) <= LONGEST:
                continue
            token = self._token(kind, text, line, first=first)
            if after_string and token.kind == "string":
                yield Token("unreadable", b"a string that goes on after a line's end", line)
            after_string = token.kind == "string" or (after_string and token.kind == "comment")
            yield token

    def _token(self, kind: str, text: bytes, line: int, *, first: bool) -> Token:
        reason = self._two_readings(kind, text)
        if reason:
            return Token("unreadable", reason, line)
        if kind in _LITERALS:
            return Token("string", self._literal(kind), line, first)
        if kind == "quoted":
            text = self._until(b'"')
        elif kind == "dollar":
            text = self._until_text(text)
        elif kind == "block":
            self._block_comment()
            return Token("comment", b"", line, first)
        elif kind == "meta" and not self._body:
            text += self._rest_of_line()
        return Token(kind, text, line, first)

    def _two_readings(self, kind: str, text: bytes) -> bytes:
        if len(text) > LONGEST:
            return b"a word, a comment or blanks of more than a million bytes"
        if kind in ("number", "parameter") and _JOINED.match(self._window.ahead(1)):
            return b"a number that runs into a word"
        return b"a dollar sign that opens no quote" if text == b"$" and not self._body else b""

    def _rest_of_line(self) -> bytes:
        text = b""
        while (byte := self._window.ahead(1)) and byte != b"\n" and len(text) < LONGEST:
            end = self._window.data.find(b"\n", self._window.at)
            text += self._window.take(len(self._window.data) if end < 0 else end)
        return text

    def _literal(self, kind: str) -> bytes:
        simple = _SIMPLE.match(self._window.data, self._window.at)
        if simple and simple.end() < len(self._window.data):  # else the next byte may double the quote
            return self._window.take(simple.end())[:-1]
        escapes = kind == "escaped" or (kind == "plain" and not self.standard_strings)
        return self._until(b"'", escapes=escapes)

    def _until(self, quote: bytes, *, escapes: bool = False) -> bytes:
        """Pass over a literal to its closing quote, which doubled is part of it."""
        window, kept = self._window, bytearray()
        stops = re.compile(b"[" + re.escape(quote) + (rb"\\]" if escapes else b"]"))
        while True:
            found = stops.search(window.data, window.at)
            self._keep(kept, window.take(found.start() if found else len(window.data)))
            if not found:
                if not window.more():
                    raise UnendedError("a quote that is never closed")
                continue
            pair = window.ahead(2)
            if pair[:1] == quote and pair != quote * 2:
                window.take(window.at + 1)
                return bytes(kept)
            window.take(window.at + len(pair))
            self._keep(kept, pair[1:] if pair[1:] in (quote, b"'", b"\\") else pair)

    def _until_text(self, mark: bytes) -> bytes:
        window, kept = self._window, bytearray()
        while (end := window.data.find(mark, window.at)) < 0:
            # The mark may have begun at the end of the window.
            self._keep(kept, window.take(max(window.at, len(window.data) - len(mark))))
            if not window.more():
                raise UnendedError(f"a quote {mark.decode(errors='replace')} that is never closed")
        self._keep(kept, window.take(end))
        window.take(end + len(mark))
        return bytes(kept)

    def _block_comment(self) -> None:
        window, depth = self._window, 1
        while depth:
            found = _IN_COMMENT.search(window.data, window.at)
            if found:
                depth += 1 if found[0] == b"/*" else -1
                window.take(found.end())
                continue
            window.take(max(window.at, len(window.data) - 1))
            if not window.more():
                raise UnendedError("a comment that is never closed")

    @staticmethod
    def _keep(kept: bytearray, text: bytes) -> None:
        kept += text[: max(0, KEPT - len(kept))]

    def copy_data(self) -> Iterator[Token]:
        r"""Pass over the rows of a COPY to the line `\.`; yield an escape in them that pg_dump does not write.

        If the COPY fails, psql reads the rows as a script: such an escape would then be a command of psql.
        """
        window = self._window
        if window.ahead(1) not in (b"\n", b""):
            yield Token("unreadable", b"something behind the ; of a COPY from stdin", window.line)
            return
        window.take(window.at + 1)
        while True:
            clean = _CLEAN.match(window.data, window.at)
            window.take(clean.end() if clean else window.at)
            if window.at == len(window.data):
                if not window.more():
                    raise UnendedError("the rows of a COPY that have no end")
                continue
            alone, line = window.begins_a_line, window.line
            escape = window.ahead(3)
            if alone and escape in (b"\\.\n", b"\\."):
                window.take(window.at + 2)
                return
            if len(escape) > 1 and _CLEAN.fullmatch(escape[:2]):
                window.take(window.at + 2)
                continue
            yield Token("meta", self._rest_of_line(), line, alone)


class UnendedError(Exception):
    """A script that ends in the middle of something, and of what."""
