"""Reads a dump through as psql would, and runs none of it: what it is, whether it is whole, what is hostile in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rehearsal.backups.script import Script, Token, UnendedError
from rehearsal.backups.statements import is_copy_in, judge, judge_call

MOST = 20
"""Of what is hostile; one is enough to refuse a dump."""
_SHOWN = 120
_LARGEST = 1 << 26
"""Bytes of one statement that are kept."""
_HEAD = 40
"""Tokens of an INSERT that are kept: its values are many, and only looked at as they pass."""
_ESCAPING = frozenset(("SJIS", "SHIFT_JIS_2004", "BIG5", "GBK", "UHC", "GB18030", "JOHAB"))
"""Encodings in which the second byte of a character may look like a backslash."""
_TRAILER = b"-- PostgreSQL database dump complete"
_VERSION = re.compile(rb"-- Dumped (from database|by pg_dump) version ([0-9]+)(\S*)")
_CONNECT = re.compile(
    rb"""
    \\connect\ (?: -reuse-previous=on\ "dbname='(?P<odd>[^'"\\`=]+)'" | (?P<name>[\w.-]+)
      | "(?P<quoted>[^"\\`=:/]+)" ) \s*
    """,
    re.VERBOSE,
)
_KEY = re.compile(rb"\\(un)?restrict [A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Hostile:
    """Something in a dump that psql must not be given."""

    line: int
    text: str
    """As it stands there, cut off."""
    effect: str
    """What it would have done, in a sentence without a full stop."""


@dataclass
class Contents:
    """What a dump says of itself."""

    hostile: list[Hostile] = field(default_factory=list)
    databases: set[str] = field(default_factory=set)
    """Those that it creates, drops or connects to; empty for an ordinary dump."""
    tables: set[str] = field(default_factory=set)
    """Those that it creates: `public.email_outbox`."""
    server_major: int | None = None
    """Of the server that was dumped."""
    complete: bool = False
    """Whether pg_dump's last words stand behind all statements."""
    broken: str = ""
    """Why it can't be read to its end; empty where it can."""
    statements: int = 0
    lines: int = 0


def examine(chunks: Iterable[bytes]) -> Contents:
    """Read a plain dump through. What the stream itself raises passes through."""
    return _Examination(chunks).run()


class _Examination:
    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.script = Script(chunks)
        self.seen = Contents()
        self.statement: list[Token] = []
        self.last: Token | None = None
        self.size = 0
        self.depth = 0
        self.atomic = 0

    def run(self) -> Contents:
        try:
            for token in self.script.tokens():
                self._take(token)
                if len(self.seen.hostile) >= MOST:
                    break
        except UnendedError as error:
            self.seen.broken = str(error)
        if self.statement:
            self.seen.complete = False
            self.seen.broken = self.seen.broken or f"a statement at line {self.statement[0].line} that has no end"
        return self.seen

    def _take(self, token: Token) -> None:
        self.seen.lines = token.line
        if token.kind == "comment":
            self._comment(token.text)
        elif token.kind == "meta":
            self._meta(token)
        elif token.kind == "unreadable":
            self._refuse(token, f"{token.text.decode()}: psql may read on where nobody looks")
        elif token.kind == "variable":
            self._refuse(token, "psql would put the value of one of its variables in, whatever it holds")
        elif token.kind == "semicolon" and not self.depth and not self.atomic:
            self._end()
        else:
            self._part(token)

    def _comment(self, text: bytes) -> None:
        if text.rstrip() == _TRAILER and not self.statement:
            self.seen.complete = True
        elif (version := _VERSION.match(text)) and version[1].startswith(b"from") and self.seen.server_major is None:
            self.seen.server_major = int(version[2])

    def _meta(self, token: Token) -> None:
        text = token.text.rstrip(b"\r")
        if token.first and not self.statement:
            if _KEY.fullmatch(text):
                return
            if connect := _CONNECT.fullmatch(text):
                self.seen.databases.add(next(filter(None, connect.groups())).decode("utf-8", "replace"))
                return
        command = text.split(None, 1)[0].decode("utf-8", "replace")
        command = "\\!" if command.startswith("\\!") else command
        self._refuse(token, _META.get(command, "it is a command of psql that pg_dump does not write"))

    def _refuse(self, token: Token, effect: str) -> None:
        text = token.text.decode("utf-8", "replace")
        text = "".join(one if one.isprintable() else " " for one in text[:_SHOWN])
        self.seen.hostile.append(Hostile(token.line, text, effect))

    def _part(self, token: Token) -> None:
        if token.kind == "open":
            self.depth += 1
        elif token.kind == "close":
            self.depth = max(0, self.depth - 1)
        elif token.kind == "word" and not self.depth:
            self._nest(token.text.lower())
        if b"\0" in token.text:
            self._refuse(token, "a zero byte, at which psql would cut off the line")
        rows = bool(self.statement) and self.statement[0].text.lower() == b"insert" and len(self.statement) >= _HEAD
        if not rows:
            self.statement.append(token)
            self.size += len(token.text) + 1
        elif token.kind == "open" and self.last is not None and self.last.kind in ("word", "quoted"):
            self._call(self.last, token)
        self.last = token
        if self.size > _LARGEST:
            raise UnendedError(f"a statement at line {self.statement[0].line} that is too large to be judged")

    def _call(self, name: Token, bracket: Token) -> None:
        if effect := judge_call(name, bracket):
            self._refuse(name, effect)

    def _nest(self, word: bytes) -> None:
        # As psql counts: inside of BEGIN ATOMIC … END a semicolon ends no statement.
        head = [token.text.lower() for token in self.statement[:4] if token.kind == "word"]
        if head[:1] != [b"create"]:
            return
        named = head[1:] if head[1:3] != [b"or", b"replace"] else head[3:]
        if named[:1] not in ([b"function"], [b"procedure"]):
            return
        if word == b"begin" or (word == b"case" and self.atomic):
            self.atomic += 1
        elif word == b"end" and self.atomic:
            self.atomic -= 1

    def _end(self) -> None:
        statement, self.statement, self.last, self.size = self.statement, [], None, 0
        if not statement:
            return
        self.seen.statements += 1
        self.seen.complete = False
        if effect := judge(statement):
            shown = b" ".join(token.text[:_SHOWN] for token in statement[:_HEAD])
            self._refuse(statement[0]._replace(text=shown), effect)
        self._note(statement)
        if is_copy_in(statement):
            for token in self.script.copy_data():
                if token.kind == "unreadable":
                    self._take(token)
                else:
                    self._refuse(token, "in the rows of a COPY: if that fails, psql runs it as a command of its own")

    def _note(self, statement: list[Token]) -> None:
        words = [token.text.decode("utf-8", "replace") for token in statement[:8]]
        head = [word.lower() for word in words]
        if head[0] == "set" and head[2:3] == ["="]:
            self._setting(head[1], "".join(words[3:4]), statement[0])
        elif head[:2] in (["create", "database"], ["drop", "database"]):
            self.seen.databases.add(words[4] if head[2:4] == ["if", "exists"] else words[2])
        elif head[0] == "create" and "table" in head[1:3]:
            at = head.index("table") + 1
            self.seen.tables.add(".".join((words[at], words[at + 2])) if words[at + 1 : at + 2] == ["."] else words[at])

    def _setting(self, name: str, value: str, where: Token) -> None:
        if name == "standard_conforming_strings":
            self.script.standard_strings = value != "off"
        elif name == "client_encoding" and value.upper() in _ESCAPING:
            self._refuse(where._replace(text=value.encode()), "an encoding in which a letter may hide a backslash")


_META = {
    "\\!": "psql would have run it as a command of the operating system",
    "\\copy": "psql would have read or written a file, or run a program",
    "\\i": "psql would have run another file",
    "\\ir": "psql would have run another file",
    "\\include": "psql would have run another file",
    "\\include_relative": "psql would have run another file",
    "\\o": "psql would have written into a file or a program",
    "\\out": "psql would have written into a file or a program",
    "\\g": "psql would have written into a file or a program",
    "\\gx": "psql would have written into a file or a program",
    "\\w": "psql would have written into a file or a program",
    "\\write": "psql would have written into a file or a program",
    "\\setenv": "psql would have changed the environment of what it runs",
    "\\gexec": "psql would have run whatever a query answers",
    "\\set": "psql would have kept a value, of a command in backquotes if there is one",
    "\\gset": "psql would have kept what a query answers, to put it in anywhere",
    "\\connect": "psql would have gone on at another address",
    "\\c": "psql would have gone on in another database or at another address",
    "\\lo_import": "psql would have read a file",
    "\\lo_export": "psql would have written a file",
    "\\cd": "psql would have changed its folder",
    "\\e": "psql would have run an editor",
    "\\edit": "psql would have run an editor",
    "\\s": "psql would have written a file",
}
