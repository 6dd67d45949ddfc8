"""What a paragraph, a heading or a cell says, with the line of each piece."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from markdown_it.token import Token

from rehearsal.runbook.model import Link

_TAG = re.compile(
    r"<(?:/|!|(?:a|abbr|b|br|code|del|details|div|em|hr|i|img|ins|kbd|mark|p|s|small|span|strong|sub|summary|sup|u)\b)",
    re.IGNORECASE,
)
_PROGRAM = re.compile(r"(?:\.{0,2}/|~/)?[A-Za-z][\w.+/-]*")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=\S*")
_SCRIPT = re.compile(r"(?:\.{1,2}|~)?/\S+\.(?:sh|py)|[\w.-]+/\S+\.sh|(?:\./)?(?:s?bin|scripts?|tools?)/[\w-]*\w")


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of text and the line that it stands in."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Inline:
    """A paragraph as it is rendered: its lines, the inline code in it, its links."""

    lines: tuple[Written, ...]
    codes: tuple[Written, ...]
    links: tuple[Link, ...]

    @property
    def text(self) -> str:
        """All of it in one line."""
        return " ".join(line.text for line in self.lines).strip()


def is_command(code: str) -> bool:
    """Tell whether inline code in a step is a command rather than the name of something.

    It is, when it has two words or more and the first (after `(` and assignments) looks like a program: letters, not
    all of them capitals (`SELECT 1`, `GET /health`). A single word is a path, a file, a key or an identifier, unless
    it is the path of a script: `./scripts/monitor-system.sh`, `bin/clean-logs`; `app/worker.py` is a file.
    """
    if code.rstrip().endswith(";"):
        return False  # a directive of nginx: `deny ADDRESS;`
    words = code.lstrip("( ").split()
    while words and _ASSIGNMENT.fullmatch(words[0]):
        del words[0]
    if len(words) < 2:  # noqa: PLR2004 -- two words are the rule that the docstring gives
        return bool(words and _SCRIPT.fullmatch(words[0]))
    return bool(_PROGRAM.fullmatch(words[0])) and not words[0].isupper()


def read_inline(token: Token, source: Sequence[str]) -> Inline:
    """Read the inline token of a block; `source` are the lines of the document."""
    first, last = token.map or (0, 0)
    # The parser drops white space in front, which can be whole lines of it: U+00A0 and its like are no blanks to it.
    while first + 1 < last and not source[first].lstrip("> \t").strip():
        first += 1
    walk = _Walk(token.content, first + 1)
    for child in token.children or ():
        walk.take(child)
    walk.end_line()
    return Inline(tuple(walk.lines), tuple(walk.codes), tuple(walk.links))


class _Walk:
    """Follows the pieces of a paragraph through its source, because they do not know their own lines."""

    def __init__(self, content: str, line: int) -> None:
        self.content = content
        self.flat = content.replace("\n", " ")
        self.cursor = 0
        self.line = line
        self.words: list[str] = []
        self.began = line
        self.lines: list[Written] = []
        self.codes: list[Written] = []
        self.links: list[Link] = []
        self.target: tuple[str, int, int] | None = None

    def take(self, child: Token) -> None:
        match child.type:
            case "text" | "text_special":
                self.words.append(child.content)
            case "html_inline" if not _TAG.match(child.content):
                self.words.append(child.content)  # `<name>`, still to be filled in, is no markup
            case "code_inline":
                self.words.append(child.content)
                begin = self.flat.find(child.content, self.cursor)
                self._move(begin)
                self.codes.append(Written(child.content, self.line))
                self._move(begin + len(child.content))
            case "softbreak" | "hardbreak":
                self.end_line()
                self._move(self.content.find("\n", self.cursor) + 1)
                self.began = self.line
            case "link_open":
                self.target = (unquote(str(child.attrs.get("href", ""))), self.line, len(self.words))
            case "link_close" if self.target:
                target, line, words = self.target
                self.links.append(Link("".join(self.words[words:]), target, line))

    def end_line(self) -> None:
        self.lines.append(Written("".join(self.words).strip(), self.began))
        self.words.clear()

    def _move(self, to: int) -> None:
        if to > self.cursor:
            self.line += self.content.count("\n", self.cursor, to)
            self.cursor = to
