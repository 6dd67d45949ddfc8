"""The scripts that a runbook names, looked at without being run."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.gateway.target import Target, TargetError
from rehearsal.runbook import Runbook
from rehearsal.runbook.review import commands_of
from rehearsal.runbook.shell import split_commands
from rehearsal.runbook.terminals import within_containers

_CALLED = re.compile(
    r"(?:^|[|;&(]|&&|\|\|)\s*(?:\w+=\S*\s+|sudo\s+|time\s+|exec\s+|nohup\s+)*((?:bash|sh)\s+)?([^\s;|&()]+)"
)
_IS_SCRIPT = re.compile(r"(?:\.{1,2}/|/)?[\w./-]*\w\.(?:sh|bash|py|rb|pl)")
_SHELLS = ("sh", "bash", "dash", "ksh")
_TO_READ = 1 << 20
_PARSE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Script:
    """A script of the gateway directory, as the document names it."""

    path: str
    line: int
    """The first line that names it."""
    direct: bool
    """Whether it is started by its own name: then it must be executable, and say by what it is run."""


def scripts_named(runbook: Runbook) -> list[Script]:
    """Return the scripts of the document's list and of its commands, each once, in the order of the document."""
    found = [Script(step.text.split()[0], step.line, direct=True) for step in runbook.scripts]
    for command in commands_of(runbook):
        for shell, word in _CALLED.findall(command.text):
            if _IS_SCRIPT.fullmatch(word) and "/" in word:
                found.append(Script(word, command.line, direct=not shell))
    direct = {script.path for script in found if script.direct}
    first: dict[str, Script] = {}
    for script in sorted(found, key=lambda one: one.line):
        first.setdefault(script.path, Script(script.path, script.line, script.path in direct))
    return list(first.values())


def faults_of(target: Target, script: Script, *, timeout: float) -> Iterator[str]:
    """Yield what keeps a script from being run, each in a few words. Raises TargetError where it can't be looked at."""
    mode = _mode(target, script.path, timeout)
    if not mode:
        yield "it is not there"
        return
    if not mode.startswith("-"):
        yield "it is no file"
        return
    if script.direct and not {"x", "s"} & set(mode):
        yield f"it is not executable ({mode})"
    text = target.read_file(script.path, _TO_READ).decode(errors="replace")
    interpreter = _interpreter(text)
    if script.direct and not interpreter:
        yield "its first line does not say what runs it, such as #!/usr/bin/env bash"
    elif "\r" in text.split("\n", 1)[0]:
        yield "its lines end as those of Windows do, so that no interpreter of that name is found"
    elif interpreter and not _exists(target, interpreter, timeout):
        yield f"what runs it, {' '.join(interpreter)}, is not there"
    if not interpreter or interpreter[-1].rpartition("/")[2] in _SHELLS:
        yield from _syntax(text, interpreter)
        yield from _terminals(text)


def _terminals(text: str) -> Iterator[str]:
    # What Compose makes of it depends on its version and on who starts the script.
    for command in split_commands(text, 1):
        for one in within_containers(command):
            if one.refused and not one.compose:
                yield f"line {command.line}: `{one.text}` asks for a terminal and is fed by a pipe or file"
            elif one.changed:
                yield f"line {command.line}: `{one.text}` asks for a terminal, which makes CR LF of each end of line"


def _mode(target: Target, path: str, timeout: float) -> str:
    run = target.run_script(f"stat -L -c %A -- {shlex.quote(path)}", timeout=timeout)
    if run.exit_code is None:
        msg = f"expected {target.name} to say what {path} is, got: {run.ending}"
        raise TargetError(msg)
    return run.stdout.strip() if run.ok else ""


def _interpreter(text: str) -> list[str]:
    """Return the words of the first line that say what runs a script: a path, or `env` and a name."""
    if not text.startswith("#!"):
        return []
    words = text.split("\n", 1)[0][2:].split()
    if words and words[0].endswith("/env"):
        return [words[0], *[word for word in words[1:] if not word.startswith("-") and "=" not in word][:1]]
    return words[:1]


def _exists(target: Target, interpreter: list[str], timeout: float) -> bool:
    path, *name = interpreter
    places = [path] if not name else [f"{folder}/{name[0]}" for folder in _FOLDERS]
    return bool(_mode(target, path, timeout)) and any(_mode(target, place, timeout) for place in places)


_FOLDERS = ("/usr/bin", "/bin", "/usr/local/bin")


def _syntax(text: str, interpreter: list[str]) -> Iterator[str]:
    shell = interpreter[-1].rpartition("/")[2] if interpreter else "bash"
    try:
        run = subprocess.run(
            ["bash", *(["--posix"] if shell in ("sh", "dash") else []), "-n"],
            input=text, capture_output=True, text=True, timeout=_PARSE_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"expected bash to read a script without running it, got: {error}"
        raise TargetError(msg) from None
    if run.returncode:
        yield f"bash can't read it: {(run.stderr.strip().splitlines() or ['no reason given'])[0]}"
