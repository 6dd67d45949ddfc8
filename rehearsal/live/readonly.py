"""Which scripts may run on a live host: those of which every command only reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from rehearsal.gateway.target import RefusedError
from rehearsal.live.arguments import ChangesError
from rehearsal.live.tools import check
from rehearsal.live.words import NotPlainError, Word, simple_commands

# A word that the shell makes others of must become neither an option (a file may be called `-o`) nor an output.
_SPREADS_SAFELY = ("/", "./", "~/")
_MAY_SPREAD = frozenset(("cat", "df", "du", "egrep", "grep", "head", "ls", "sha256sum", "stat", "tail", "wc", "zcat"))
_OPEN_NOTHING = frozenset(("df", "ls", "lsblk", "stat", "test", "["))
_ENDLESS = ("kmsg", "trace_pipe")
"""Files of the kernel from which each line can be read once."""


def require_reading(script: str, declared: Sequence[str] = ()) -> None:
    """Refuse a script that may change something, or never end. `declared`: commands that a person vouches for.

    Raises RefusedError, before anything of it has reached a shell.
    """
    try:
        _require(script, [one.strip() for one in declared])
    except (ChangesError, NotPlainError) as error:
        msg = (
            f"`{script.strip()[:200]}` may not run on a live host: {error};"
            " if it only reads, list it in live.read_only of gateway.toml"
        )
        raise RefusedError(msg) from None


def _require(script: str, declared: Sequence[str]) -> None:
    if script.strip() in declared:
        return
    vouched = [_as_written(simple_commands(one)) for one in declared if _is_plain(one)]
    for words in simple_commands(script):
        if _as_written([words]) not in vouched:
            _check_spreading(words)
            _check_devices(words)
            check([str(word) for word in words])


def _is_plain(command: str) -> bool:
    try:
        return bool(simple_commands(command))
    except NotPlainError:
        return False


def _as_written(commands: Sequence[Sequence[Word]]) -> list[list[tuple[str, bool]]]:
    return [[(str(word), word.spreads) for word in words] for words in commands]


def _check_spreading(words: Sequence[Word]) -> None:
    for word in words:
        url = words[0] == "curl" and word.startswith(("http://", "https://"))
        bracket = words[0] == "[" and word in ("[", "]")
        if (
            word.spreads
            and not url
            and not bracket
            and not (words[0] in _MAY_SPREAD and word.startswith(_SPREADS_SAFELY))
        ):
            msg = f"{str(word)!r} may become anything; quote it, or begin it with ./"
            raise ChangesError(msg)


def _check_devices(words: Sequence[Word]) -> None:
    # To open a device may be to use it: a watchdog restarts the machine.
    if words[0] in _OPEN_NOTHING:
        return
    for word in words:
        parts = re.split("[/=]", word)
        if word != "/dev/null" and ("dev" in parts) and ("/" in word or words[0] == "cd"):
            msg = f"{str(word)!r} is a device"
            raise ChangesError(msg)
        if "/" in word and any(name in parts for name in _ENDLESS):
            msg = f"{str(word)!r} can be read once"
            raise ChangesError(msg)
        if word.spreads and words[0] != "curl" and (parts[1:2] == ["proc"] or _may_be_device(parts)):
            msg = f"{str(word)!r} may become a device"
            raise ChangesError(msg)


def _may_be_device(parts: Sequence[str]) -> bool:
    return any(fnmatchcase("dev", part.replace("[^", "[!")) for part in parts[:-1] if re.search(r"[*?\[]", part))
