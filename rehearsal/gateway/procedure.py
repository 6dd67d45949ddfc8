"""Runs the commands of a procedure as an operator would paste them: one shell, one after another, no `set -e`."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from rehearsal.gateway.target import CommandRun, Target
from rehearsal.runbook.model import Command

_PRELUDE = r"""
__all=''
__mark() { printf '\036MARK %s\036' "$1"; printf '\036MARK %s\036' "$1" >&2; }
trap 'printf "\036MARK end %s%s\036" "$?" "$__all"' EXIT
"""


@dataclass(frozen=True, slots=True)
class ProcedureRun:
    """A procedure as it ended."""

    commands: tuple[CommandRun, ...]
    """One for each command; those that were never reached have no exit code and say so in stderr."""
    seconds: float

    @property
    def failed(self) -> tuple[CommandRun, ...]:
        """The commands that the shell saw fail, in any part of a pipe."""
        return tuple(command for command in self.commands if not command.ok)

    @property
    def hung(self) -> CommandRun | None:
        """The command that did not end in time; None where each that was begun has ended."""
        return next((one for one in self.commands if one.exit_code is None and not one.never_ran), None)


Run = Callable[..., CommandRun]
"""As `Target.run_script`."""


@runtime_checkable
class ReadsOnly(Protocol):
    """A target on which only commands that read may run."""

    def why_refused(self, command: str) -> str:
        """Say why a command may not run here; empty where it may."""
        ...

    def run_reading(self, commands: Sequence[Command], *, timeout: float) -> ProcedureRun:
        """Run commands in one shell, as `in_one_shell` does. Raises RefusedError where any of them is refused."""
        ...


@runtime_checkable
class HasCompose2(Protocol):
    """A target that has Compose as a plugin of Docker, and answers `docker-compose` by it."""

    @property
    def lacks_compose1(self) -> bool:
        """Tell whether `docker-compose` is no program there."""
        ...


def written_for_compose1(target: Target, command: str) -> bool:
    """Tell whether a command says `docker-compose` on a target that has only `docker compose`."""
    return bool(_COMPOSE1.search(command)) and isinstance(target, HasCompose2) and target.lacks_compose1


def run_commands(
    target: Target,
    commands: Sequence[Command],
    *,
    timeout: float,
    environment: Mapping[str, str] | None = None,
) -> ProcedureRun:
    """Run commands in one bash, so that what one exports the next one sees, and tell how each of them ended.

    What a live target refuses is not run, and says so: `CommandRun.refused`.

    `timeout` in seconds, for all of them together. Raises TargetError when the target can't be reached.
    """
    if not isinstance(target, ReadsOnly):
        return in_one_shell(target.run_script, commands, timeout=timeout, environment=environment)
    refused = [target.why_refused(command.text) for command in commands]
    allowed = [command for command, why in zip(commands, refused, strict=True) if not why]
    run = target.run_reading(allowed, timeout=timeout) if allowed else ProcedureRun((), 0.0)
    ended = iter(run.commands)
    return replace(
        run, commands=tuple(_refused(c, why) if why else next(ended) for c, why in zip(commands, refused, strict=True))
    )


def _refused(command: Command, why: str) -> CommandRun:
    return CommandRun(command.text, None, "", f"not run: {why}", 0.0, line=command.line, refused=why)


def in_one_shell(
    run_script: Run, commands: Sequence[Command], *, timeout: float, environment: Mapping[str, str] | None = None
) -> ProcedureRun:
    """Run commands in one bash by a function such as `Target.run_script`. Raises what that raises."""
    mark = secrets.token_hex(8)
    run = run_script(_script(commands, mark), timeout=timeout, environment=environment)
    out, statuses = _parts(run.stdout, mark)
    err, _ = _parts(run.stderr, mark)
    ended = [_one(command, number, out, err, statuses) for number, command in enumerate(commands)]
    if run.exit_code is None:
        ended = _name_the_one_that_hung(ended, timeout)
    return ProcedureRun(tuple(ended), run.seconds)


def _script(commands: Sequence[Command], mark: str) -> str:
    # Each command is evaluated, so that a syntax error ends it and not the rest, as at a prompt; its status and those
    # of its pipe are taken in one assignment, because any other command would overwrite them.
    lines = [_PRELUDE.replace("MARK", mark)]
    for number, command in enumerate(commands):
        text = f'{command.text}\n__status="$? ${{PIPESTATUS[*]}}"'
        lines += [
            # With each mark go the endings until then: a time limit ends the shell before it can tell them.
            f"__status=''; __from=$EPOCHREALTIME; __mark \"{number} $__all\"",
            f"eval {shlex.quote(text)}",
            '__status="${__status:-2 2}"',
            f'__all="$__all;{number} $__from $EPOCHREALTIME $__status"',
        ]
    return "\n".join(lines) + "\n"


def _parts(output: str, mark: str) -> tuple[dict[int, str], dict[int, list[str]]]:
    pieces = re.split(f"\x1e{mark} ([^\x1e]*)\x1e", output)
    texts: dict[int, str] = {}
    statuses: dict[int, list[str]] = {}
    for label, text in zip(pieces[1::2], pieces[2::2], strict=True):
        first, *entries = label.split(";")
        statuses = {int(number): rest for number, *rest in map(str.split, entries)}
        if first.startswith("end"):
            last = first.removeprefix("end ")
            # The shell itself ended in the command after the last one that has a status: `exit`, or `set -e`.
            statuses.setdefault(len(statuses), ["0", "0", last])
        else:
            texts[int(first)] = text
    return texts, statuses


def _one(
    command: Command, number: int, out: dict[int, str], err: dict[int, str], statuses: dict[int, list[str]]
) -> CommandRun:
    base = CommandRun(command.text, None, out.get(number, ""), err.get(number, ""), 0.0, line=command.line)
    if number in statuses:
        began, ended, status, *pipe = statuses[number]
        codes = tuple(int(code) for code in pipe) if len(pipe) > 1 else ()
        return replace(base, exit_code=int(status), pipe_status=codes, seconds=float(ended) - float(began))
    if number not in out and number not in err:
        return replace(base, stderr="not run: the shell had ended before it")
    return base


def _name_the_one_that_hung(ended: list[CommandRun], timeout: float) -> list[CommandRun]:
    reached = [number for number, run in enumerate(ended) if not run.stderr.startswith("not run: ")]
    hung = reached[-1] if reached else 0
    ended[hung] = replace(ended[hung], stderr=f"{ended[hung].stderr}\n(ended by the time limit of {timeout:g} s)")
    return ended


_COMPOSE1 = re.compile(r"(?<![\w./-])docker-compose(?=\s)")


def has_no_meaning(run: CommandRun) -> bool:
    """Tell whether a command failed because this kind of replica has nothing that it is about, such as images."""
    return not run.ok and "replica of plain processes" in run.stderr


_REDIS_ERROR = re.compile(r"^(\(error\) )?(NOAUTH|NOPERM|WRONGPASS|MISCONF|OOM|LOADING|READONLY|ERR)\b", re.MULTILINE)
_COMPLAINT = re.compile(
    r"^.*(command not found|No such file or directory|Permission denied|No space left on device"
    r"|syntax error near|unbound variable|Connection refused|^curl: \(\d+\)|AUTH failed).*$"
    r"|^(psql:.*)?(ERROR|FATAL): .*$",
    re.MULTILINE,
)
"""What shells and tools say on stderr where something did not work, whatever exit code comes out in the end."""
_TELLS_OF_THE_PAST = re.compile(r"^\s*(docker|docker-compose|podman)\b.*\blogs?\b|\bcurl\b.*--retry")
"""What these say on stderr may be what a service said some time ago, or what failed before the last attempt."""
_SEARCH_FOR_TROUBLE = re.compile(
    r"\bz?[ef]?grep\b[^|]*(err|fail|falh|warn|exception|fatal|crit|panic|denied|refused|timeout|oom)[^|]*$",
    re.IGNORECASE,
)


def what_is_wrong(run: CommandRun) -> str:
    """Say in words how a command failed, empty where it did not.

    `redis-cli` exits 0 over an error that the server answered, `psql` over one in what it reads, a script over all of
    its own: there the words count. A search for errors that ends with 1 has found none.
    """
    if run.exit_code == 1 and not any(run.pipe_status[:-1]) and _SEARCH_FOR_TROUBLE.search(run.command):
        return "" if not run.stderr.strip() else run.ending
    if not run.ok:
        return run.ending
    complaint = None if _TELLS_OF_THE_PAST.search(run.command) else _COMPLAINT.search(run.stderr)
    if complaint:
        return f"exited 0 over a complaint: {complaint[0].strip()[:300]}"
    if "redis-cli" in run.command:
        error = _REDIS_ERROR.search(run.stdout)
        if error:
            return f"exited 0 over an error: {run.stdout[error.start() :].splitlines()[0][:300]}"
    return ""
