"""Splits the arguments of a command: options that are known, with or without a value, and the rest."""

from __future__ import annotations

from rehearsal.replica.processes.standins.client import RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Options:
    """What was given."""

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = {}
        self.words: list[str] = []

    def has(self, *names: str) -> bool:
        """Tell whether one of the options was given."""
        return any(name in self.values for name in names)

    def last(self, *names: str, default: str = "") -> str:
        """Return the last value that was given to one of the options."""
        found = [value for name in names for value in self.values.get(name, ())]
        return found[-1] if found else default


def split(arguments: list[str], flags: Iterable[str], valued: Iterable[str], *, stop: bool = False) -> Options:
    """Split arguments. With `stop` the first word ends the options, as before a command of its own.

    Raises RefusedError for an option that is not known.
    """
    known, with_value = set(flags), set(valued)
    options, waiting = Options(), list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            options.words += waiting
            break
        if not word.startswith("-") or word == "-":
            options.words.append(word)
            if stop:
                options.words += waiting
                break
            continue
        name, given, value = word.partition("=")
        if name in with_value:
            if not given and not waiting:
                raise RefusedError(f"flag needs an argument: {name}")
            options.values.setdefault(name, []).append(value if given else waiting.pop(0))
        elif name in known:
            if not given or value != "false":
                options.values.setdefault(name, []).append(value)
        elif not word.startswith("--") and len(word) > 2:  # noqa: PLR2004 - a dash and one letter
            # -aq is -a -q, -n5 is -n 5.
            rest = word[2:]
            waiting[:0] = [word[:2], rest] if word[:2] in with_value else [word[:2], f"-{rest}"]
        else:
            # What a stand-in lacks says nothing of the runbook: these words make it `unknown`.
            raise RefusedError(f"unknown flag: {word} (to the stand-in for Docker of a replica of plain processes)")
    return options
