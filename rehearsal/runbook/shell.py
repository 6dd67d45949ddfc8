"""Splits a block of shell into its commands: what a person would paste and press Enter after, each one whole.

Own code and no library: bashlex refuses `case` and arithmetic, tree-sitter-bash would need a compiled grammar. This
one only finds where commands end. Of a text that is no shell (a quote or an `if` that is never closed) the rest is
one command.
"""

from __future__ import annotations

from rehearsal.runbook.labels import Labels
from rehearsal.runbook.model import Command
from rehearsal.runbook.placeholders import find_placeholders
from rehearsal.runbook.shell_tokens import CLOSERS, CODE, HERE_WORD, INSIDE

_OPENING = {"if": ["fi"], "while": ["done"], "until": ["done"], "{": ["}"]}
_OPENING_LISTS = {"for": ["done"], "select": ["done"], "[[": ["]]"], "case": ["esac", "pattern"]}
_CONTINUING = {"then", "else", "elif", "do", "!", "time"}
_SEPARATORS = " \t\r\n;&|()<>"
# Deeper nesting than this is no shell that a person wrote; the bound keeps the scan linear on any text.
_NEAR = 20


def split_commands(block: str, first_line: int) -> tuple[Command, ...]:
    """Return the commands of a block whose first line is `first_line`, comments as their labels. Never raises."""
    return tuple(_Scanner(block, first_line).run())


class _Scanner:
    """One pass over a block: a stack of what is open, and whether a newline would end the command."""

    def __init__(self, text: str, first_line: int) -> None:
        self.text = text
        self.pos = 0
        self.stack: list[str] = []
        self.start: int | None = None
        self.end = 0
        self.continues = False
        """After `|`, `&&`, `||`, or the name of a function: the command goes on in the next line."""
        self.first_word = True
        """The next word is in the place of a command, where `if` and `{` are reserved."""
        self.naming = False
        self.here: list[tuple[str, bool]] = []
        self.labels = Labels()
        self.commands: list[Command] = []
        self.counted = (0, first_line)

    def run(self) -> list[Command]:
        while self.pos < len(self.text):
            if self.stack and self.stack[-1] in INSIDE:
                self._inside(self.stack[-1])
            else:
                self._code()
        self._end_command()
        return self.commands

    def _inside(self, what: str) -> None:
        match = INSIDE[what].match(self.text, self.pos)
        assert match, "the last alternative matches any character"
        kind, begin, self.pos = match.lastgroup, self.pos, match.end()
        if kind == "close":
            self.stack.pop()
        elif kind == "quoted" and '"' in self.stack[-_NEAR:]:
            self.pos = begin + 1  # in "${x:-it's}" the quote is a letter
        elif kind in ("open", "string", "tick"):
            self._open(match[0])
        self.end = self.pos

    def _code(self) -> None:
        match = CODE.match(self.text, self.pos)
        assert match, "the last alternative matches any character"
        kind, begin, token, self.pos = match.lastgroup, self.pos, match[0], match.end()
        if kind == "blank":
            return
        if kind == "newline":
            self._newline()
        elif kind == "word" and token[0] == "#" and self._starts_word(begin) and "))" not in self.stack[-_NEAR:]:
            self._comment(begin)
        else:
            self._significant(str(kind), token, begin)

    def _significant(self, kind: str, token: str, begin: int) -> None:
        self.start = begin if self.start is None else self.start
        self.end = self.pos
        self.continues = False
        was_first, self.first_word = self.first_word, False
        match kind:
            case "word":
                self._word(token, begin, reserved=was_first)
            case "open" | "string" | "tick":
                self._open(token)
            case "group":
                self._group(token, begin)
            case "function":
                self.continues = self.first_word = self.text[begin - 1 : begin] != "="
            case "then":
                self.continues = self.first_word = True
            case "end":
                self.first_word = True
                if token not in {";", "&"} and self._top() == "esac":
                    self.stack.append("pattern")
            case "here":
                self._here(token)
            case "unclosed":
                self.pos = len(self.text)
                self.end = len(self.text.rstrip(" \t\r\n\f\v"))

    def _word(self, word: str, begin: int, *, reserved: bool) -> None:
        complete = self._starts_word(begin) and self.text[self.pos : self.pos + 1] in _SEPARATORS
        top = self._top()
        if self.naming:
            self.naming, self.continues, self.first_word = False, True, True
        elif top == "pattern":
            if word == "esac" and complete:
                del self.stack[-2:]
        elif complete and word == top == "]]":
            self.stack.pop()
        elif complete and reserved:
            self._reserved(word, top)

    def _reserved(self, word: str, top: str) -> None:
        if word in _OPENING:
            self.stack += _OPENING[word]
            self.first_word = True
        elif word in _OPENING_LISTS:
            self.stack += _OPENING_LISTS[word]
        elif word in _CONTINUING:
            self.first_word = True
        elif word == "function":
            self.naming = True
        elif word == top and word in ("fi", "done", "esac", "}"):
            self.stack.pop()

    def _open(self, sign: str) -> None:
        near = self.stack[-_NEAR:]
        if sign == "`" and "`" in near:
            del self.stack[len(self.stack) - near[::-1].index("`") - 1 :]
            return
        self.stack.append(CLOSERS.get(sign, sign))
        self.first_word = sign not in ('"', '$"', "${")

    def _group(self, sign: str, begin: int) -> None:
        top = self._top()
        if sign == "(":
            if top != "pattern":
                self.stack.append(")")
                self.first_word = self.text[begin - 1 : begin] != "="
        elif top == "pattern":
            self.stack.pop()
            self.first_word = True
        elif top == "))" and self.text[self.pos : self.pos + 1] != ")":
            self.stack[-1] = ")"  # it was not arithmetic: two subshells, of which one ends here
        elif top in (")", "))"):
            self.stack.pop()
            self.pos += len(top) - 1
            self.end = self.pos

    def _here(self, token: str) -> None:
        if token.startswith("<<<") or "))" in self.stack[-_NEAR:]:
            return
        if word := HERE_WORD.match(self.text, self.pos):
            self.pos = self.end = word.end()
            delimiter = "".join(char for char in word[1] if char not in "'\"\\")
            self.here.append((delimiter, token.endswith("-")))

    def _comment(self, begin: int) -> None:
        newline = self.text.find("\n", begin)
        self.pos = len(self.text) if newline < 0 else newline
        comment = self.text[begin : self.pos]
        if self.start is None:
            self.labels.above(comment)
        else:
            self.labels.behind(comment)

    def _newline(self) -> None:
        for delimiter, tabs in self.here:
            self._skip_here_document(delimiter, tabs=tabs)
        self.here.clear()
        if self.stack or self.continues:
            self.first_word = self._top() != "pattern"
            return
        self._end_command()
        self.labels.line_ended()

    def _skip_here_document(self, delimiter: str, *, tabs: bool) -> None:
        while self.pos < len(self.text):
            newline = self.text.find("\n", self.pos)
            stop = len(self.text) if newline < 0 else newline
            line = self.text[self.pos : stop]
            self.end, self.pos = stop, min(stop + 1, len(self.text))
            if (line.lstrip("\t") if tabs else line) == delimiter:
                return

    def _end_command(self) -> None:
        if self.start is not None:
            text = self.text[self.start : self.end].rstrip("\n")
            line = self._line(self.start)
            self.commands.append(Command(text, self.labels.take(), line, find_placeholders(text, line)))
        self.start, self.continues, self.first_word, self.naming = None, False, True, False

    def _line(self, position: int) -> int:
        before, line = self.counted
        self.counted = (position, line + self.text.count("\n", before, position))
        return self.counted[1]

    def _top(self) -> str:
        return self.stack[-1] if self.stack else ""

    def _starts_word(self, begin: int) -> bool:
        return begin == 0 or self.text[begin - 1] in _SEPARATORS
