"""Which scripts may run on a live host: those of which every command only reads."""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.gateway.target import RefusedError
from rehearsal.live.arguments import ChangesError
from rehearsal.live.tools import check
from rehearsal.live.words import NotPlainError, Word, simple_commands

# A word that the shell makes others of must become neither an option (a file may be called `-o`) nor an output.
_SPREADS_SAFELY = ("/", "./", "~/")
_MAY_SPREAD = frozenset(("cat", "df", "du", "egrep", "grep", "head", "ls", "sha256sum", "stat", "tail", "wc"))


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
    vouched = [simple_commands(one) for one in declared if _is_plain(one)]
    for words in simple_commands(script):
        if [words] not in vouched:
            _check_spreading(words)
            _check_devices(words)
            check([str(word) for word in words])


def _is_plain(command: str) -> bool:
    try:
        return bool(simple_commands(command))
    except NotPlainError:
        return False


def _check_spreading(words: Sequence[Word]) -> None:
    for word in words:
        url = words[0] == "curl" and word.startswith(("http://", "https://"))
        if word.spreads and not url and not (words[0] in _MAY_SPREAD and word.startswith(_SPREADS_SAFELY)):
            msg = f"{str(word)!r} may become anything; quote it, or begin it with ./"
            raise ChangesError(msg)


def _check_devices(words: Sequence[Word]) -> None:
    # To open a device may be to use it: a watchdog restarts the machine.
    for word in words:
        if "dev" in word.replace("=", "/").split("/") and "/" in word and word != "/dev/null":
            msg = f"{str(word)!r} is a device"
            raise ChangesError(msg)
