"""Which arguments of a program only read: all that is not listed is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass


class ChangesError(ValueError):
    """A command that may change something, never ends, or is not known: why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Arguments, sorted."""

    options: tuple[tuple[str, str], ...]
    """Name and value; a letter for a short one."""
    operands: tuple[str, ...]

    def values(self, *names: str) -> list[str]:
        """Return the values of an option, under all its names."""
        return [value for name, value in self.options if name in names]

    def has(self, *names: str) -> bool:
        """Tell whether an option was given."""
        return any(name in names for name, _ in self.options)


@dataclass(frozen=True, slots=True)
class Tool:
    """The options of a program that only read."""

    flags: str = ""
    """Letters without a value."""
    valued: str = ""
    """Letters with one."""
    long: str = ""
    """Long options without a value, separated by blanks."""
    long_valued: str = ""
    number: bool = False
    """Whether `-20` is a number of lines."""
    operands: int | None = None
    """At most so many; None for any number."""
    ordered: bool = False
    """Whether options end at the first operand."""
    single: bool = False
    """Whether `-name` is a long option."""
    optional: str = ""
    """Letters with one that only stands in the same word: `-Iseconds`, and in `-I x` the `x` is no value of it."""
    raw: bool = False
    """Whether nothing is an option: all words are for `more`."""
    more: Callable[[Taken], None] | None = None
    """What else must hold. Raises ChangesError."""

    def take(self, arguments: Sequence[str]) -> Taken:
        """Sort arguments. Raises ChangesError for one that is not listed."""
        options: list[tuple[str, str]] = []
        operands: list[str] = list(arguments) if self.raw else []
        rest = [] if self.raw else list(arguments)
        while rest:
            word = rest.pop(0)
            if word == "--":
                operands += rest
                break
            if not word.startswith("-") or word == "-":
                operands.append(word)
                if self.ordered:
                    operands += rest
                    break
            elif word.startswith("--") or self.single:
                options.append(self._long(word, rest))
            else:
                options += self._short(word, rest)
        if self.operands is not None and len(operands) > self.operands:
            msg = f"{operands[self.operands]!r} is one argument too many for reading"
            raise ChangesError(msg)
        taken = Taken(tuple(options), tuple(operands))
        if self.more:
            self.more(taken)
        return taken

    def _long(self, word: str, rest: list[str]) -> tuple[str, str]:
        name, equals, value = word.lstrip("-").partition("=")
        if name in self.long.split() and not equals:
            return name, ""
        if name in self.long_valued.split() and (equals or rest):
            return name, value if equals else rest.pop(0)
        msg = f"the option {word!r} is not known to only read"
        raise ChangesError(msg)

    def _short(self, word: str, rest: list[str]) -> list[tuple[str, str]]:
        if self.number and re.fullmatch(r"-\d+", word):
            return [("n", word[1:])]
        taken = []
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in self.flags:
                taken.append((letter, ""))
            elif letter in self.optional:
                taken.append((letter, letters))
                break
            elif letter in self.valued and (letters or rest):
                taken.append((letter, letters or rest.pop(0)))
                break
            else:
                msg = f"the option {word!r} is not known to only read"
                raise ChangesError(msg)
        return taken
