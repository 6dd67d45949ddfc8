"""Commands inside a container that ask for the terminal of whoever types them, and are given a pipe or a file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rehearsal.runbook.model import Command, Runbook
from rehearsal.runbook.review import commands_of

_ENDS = {"|", "|&", "||", "&&", ";", "&", ";;"}
_PIPES = ("|", "|&")
_PACKERS = {"gzip", "pigz", "zstd", "xz", "bzip2", "openssl", "gpg", "age", "tee", "dd"}
_BEFORE = {"sudo", "env", "time", "!", "do", "then", "else", "exec", "if", "while", "until", "(", "{"}
_SETS = re.compile(r"[A-Za-z_]\w*=")
_TERMINAL = re.compile(r"-[dit]*t[dit]*$|--tty$")
_NO_TERMINAL = {"-T", "--no-TTY", "--no-tty"}


@dataclass(frozen=True, slots=True)
class Within:
    """One `exec` of Docker or Compose, and what is tied to it."""

    text: str
    compose: bool
    """Compose gives a terminal unless it is told not to, Docker if it is told to."""
    terminal: bool
    fed: bool
    """A pipe or a file is its input."""
    kept: bool
    """Its output goes to a pipe or a file."""
    stored: bool
    """It goes to a file, or to what packs it into one: what only reads it takes no harm from a CR."""

    @property
    def refused(self) -> bool:
        """Whether it ends with "the input device is not a TTY".

        Measured with Docker 20.10 and Compose 2.26, which asks for a terminal only where its output is one.
        """
        return self.terminal and self.fed and not (self.compose and self.kept)

    @property
    def changed(self) -> bool:
        """Whether a terminal makes CR LF of each end of line in what is kept: `docker exec -t … > file`."""
        return self.terminal and self.stored and not self.compose and not self.fed


def given_no_terminal(runbook: Runbook) -> Iterator[tuple[Command, str, bool]]:
    """Yield each command that has something else where it asks for a terminal, what comes of it, and if it always does.

    How Compose looks at this has changed from one version to the next.
    """
    for command in commands_of(runbook):
        for one in within_containers(command):
            if one.refused:
                yield command, 'ends with "the input device is not a TTY": it is fed by a pipe or file', not one.compose
            elif one.changed:
                yield command, "has CR LF for each end of line in what it keeps: a terminal does that", True


def within_containers(command: Command) -> Iterator[Within]:
    """Yield each `docker exec` and `docker compose exec` of a command. What can't be split holds none."""
    parts = [*_parts(command.text)]
    for (_, before), (words, after), (then, _) in zip([([], ""), *parts], parts, [*parts[1:], ([], "")], strict=False):
        into = then[:1] if after in _PIPES else []
        one = _exec(words, piped=before in _PIPES, on=after in _PIPES, packed=bool(_PACKERS.intersection(into)))
        if one:
            yield one


def _parts(text: str) -> Iterator[tuple[list[str], str]]:
    """Yield the words of each simple command, and the sign behind it."""
    lexer = shlex.shlex(text.replace("\\\n", " ").replace("\n", " ; "), posix=True, punctuation_chars=True)
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:
        return
    words: list[str] = []
    for token in [*tokens, ";"]:
        if token in _ENDS:
            yield words, token
            words = []
        else:
            words.append(token)


def _exec(words: Sequence[str], *, piped: bool, on: bool, packed: bool) -> Within | None:
    rest = list(words)
    while rest and (rest[0] in _BEFORE or _SETS.match(rest[0])):
        rest.pop(0)
    program = rest[0].rpartition("/")[2] if rest else ""
    if program not in ("docker", "docker-compose") or "exec" not in rest[1:]:
        return None
    place = rest.index("exec")
    compose = program == "docker-compose" or "compose" in rest[1:place]
    own = _options(rest[place + 1 :])
    asked = any(_TERMINAL.match(word) for word in own)
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    signs = [(word, file) for last, word, file in around if set(word) <= set("<>&") and last != "2"]
    files = [file for sign, file in signs if ">" in sign and "<" not in sign]
    return Within(
        text=" ".join(words),
        compose=compose and not asked,
        terminal=asked or (compose and not _NO_TERMINAL & set(own)),
        fed=piped or any(sign.startswith("<") for sign, _ in signs),
        kept=on or bool(files),
        stored=packed or any(file != "/dev/null" for file in files),
    )


def _options(words: Sequence[str]) -> list[str]:
    own: list[str] = []
    valued = False
    for word in words:
        if valued:
            valued = False
        elif word.startswith("-"):
            own.append(word)
            valued = word in ("-e", "--env", "-u", "--user", "-w", "--workdir", "--index", "--env-file")
        else:
            break
    return own
