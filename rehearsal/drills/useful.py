"""Tries every command of a list that people copy from, each by itself, as somebody without a terminal would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from rehearsal.drills.named_logs import run_writers
from rehearsal.drills.scripts import script_of
from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import has_no_meaning, run_commands, what_is_wrong
from rehearsal.gateway.target import CommandRun, NoAnswerError, Target
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, Runbook, fill, section
from rehearsal.runbook.vocabulary import fold

CHAPTER = "Comandos Úteis"
HARMLESS = "true"
"""What stands for `[command]`: it is the way to run one that is tried."""
_OF_A_SERVICE = ("service", "servico", "container", "conteiner", "nome do servico", "service name", "nome-do-servico")
_OF_A_COMMAND = ("command", "comando", "cmd")
_FOLLOWS = re.compile(
    r"\blogs?\b.*\s(?:-[a-zA-Z]*f[a-zA-Z]*|--follow)(?=\s|=|$)|\btail\b.*\s(?:-[a-zA-Z]*[fF]|--follow)|^\s*watch\s"
    r"|\bdocker\s+stats\b(?!.*--no-stream)|\bredis-cli\b.*\bmonitor\b|^\s*(?:top|htop)\b(?!.*-b)",
    re.IGNORECASE,
)
_PATIENCE = (0.5, 5.0)
"""Seconds after which one that follows for ever is looked at; slow machines get the second look."""
_NO_TERMINAL = re.compile(r"not a (?:TTY|terminal)|stdin isn't a terminal", re.IGNORECASE)
_CHANGES = re.compile(r"\b(?:restart|stop|start|up|down|kill|pause|unpause|rm|recreate)\b")
_SETS = re.compile(r"\s*(?:export\s+)?[A-Za-z_]\w*=\S*\s*")
_ABOUT_BACKUPS = re.compile(r"backup|dump|c[oó]pia", re.IGNORECASE)
_NOTHING = ("", "0", "(integer) 0", "(empty array)", "(empty list or set)", "(nil)", '1) "0"', "2) (empty array)")


@dataclass(frozen=True, slots=True)
class Tried:
    """One command of the document, with a service and a command in its placeholders."""

    run: CommandRun
    wrong: str
    """What was wrong with it in words; empty where nothing was."""
    unseen: str = ""
    """Why it could not be judged here."""


def useful_commands(runbook: Runbook) -> list[tuple[Command, ...]]:
    """Return the commands of each block under the chapter of useful commands, as they are written.

    Raises RunbookError where there is no such chapter.
    """
    under = section(runbook, CHAPTER)
    depth = len(under.path)
    inside = [one for one in runbook.sections if one.path[:depth] == under.path]
    return [block.commands for one in inside for block in one.procedures if block.commands]


def useful_ones(runbook: Runbook, gateway: Gateway, wanted: Callable[[Command], object]) -> Iterator[Command]:
    """Yield those of the useful commands that are wanted as they are written, with their placeholders filled in.

    Raises RunbookError.
    """
    for written in (one for block in useful_commands(runbook) for one in block if wanted(one)):
        yield from filled(written, gateway)


def filled(command: Command, gateway: Gateway) -> Iterator[Command]:
    """Yield a command with its placeholders filled in: once for each service, where it asks for one.

    Raises RunbookError for a placeholder that nobody can fill.
    """
    values = dict(gateway.placeholders)
    of_service = []
    for placeholder in command.placeholders:
        meaning = fold(placeholder.text.strip("[]<>{} "))
        if placeholder.text in values:
            continue
        if meaning in _OF_A_SERVICE:
            of_service.append(placeholder.text)
        elif meaning in _OF_A_COMMAND:
            values[placeholder.text] = HARMLESS
    for service in SERVICES if of_service else ("",):
        known = {**values, **dict.fromkeys(of_service, service)}
        yield replace(command, text=fill(command.text, known), placeholders=())


def try_reading(target: Target, runbook: Runbook, gateway: Gateway, *, timeout: float) -> Iterator[Tried]:
    """Run what only reads, as the target sees it; the rest comes back unseen. Raises RunbookError, TargetError."""
    for settings, command in _each(runbook, gateway):
        yield _tried(target, settings, command, timeout)


def try_all(replica: Replica, runbook: Runbook, gateway: Gateway) -> Iterator[Tried]:
    """Run everything, and see to it that the next command finds a gateway that is up. Raises RunbookError, TargetError.

    Whoever counts jobs is given some to count, while no worker takes them.
    """
    worker_stopped = False
    if any(_ABOUT_BACKUPS.search(script_of(one.text)) for block in useful_commands(runbook) for one in block):
        run_writers(replica, runbook, gateway)  # a monitor of backups finds some on a host
    for settings, command in _each(runbook, gateway):
        if _about_queue(command, gateway):
            if not worker_stopped:
                replica.stop("worker")
                worker_stopped = True
            _fill_queue(replica, gateway)
        tried = _tried(replica, settings, command, gateway.replica.command_timeout_seconds)
        if _about_queue(command, gateway) and not tried.wrong and not tried.unseen and _says_nothing(tried.run):
            tried = replace(tried, wrong="found nothing of the queue, in which jobs wait, run and have ended")
        yield tried
        if late := _settle(replica, gateway, command):
            yield replace(tried, wrong=late)


def _each(runbook: Runbook, gateway: Gateway) -> Iterator[tuple[list[Command], Command]]:
    """Yield each command with what its block has set before it."""
    for block in useful_commands(runbook):
        settings: list[Command] = []
        for command in block:
            for one in filled(command, gateway):
                yield list(settings), one
            if _SETS.fullmatch(command.text):
                settings.append(command)


def _tried(target: Target, settings: Sequence[Command], command: Command, timeout: float) -> Tried:
    if _FOLLOWS.search(command.text):
        return _followed(target, command)
    run = run_commands(target, [*settings, command], timeout=timeout).commands[-1]
    if run.refused:
        return Tried(run, "", f"it was not run: {run.refused}")
    if _NO_TERMINAL.search(run.stderr):
        return Tried(run, "", "it asks for a terminal")
    if has_no_meaning(run) or run.never_ran:
        return Tried(run, "", what_is_wrong(run))
    return Tried(run, what_is_wrong(run))


def _followed(target: Target, command: Command) -> Tried:
    run = CommandRun(command.text, None, "", "", 0.0)
    for seconds in _PATIENCE:
        run = run_commands(target, [command], timeout=seconds).commands[0]
        if run.refused:
            return Tried(run, "", f"it was not run: {run.refused}")
        if run.exit_code is not None:
            return Tried(run, what_is_wrong(run))
        if run.stdout.strip():
            return Tried(run, "")
    return Tried(run, "", "it followed what nobody wrote to")


def _settle(replica: Replica, gateway: Gateway, command: Command) -> str:
    """Wait, after a command that changes services, until the gateway is ready again; say so where it is not.

    What it has stopped on purpose is started.
    """
    if not _CHANGES.search(command.text):
        return ""
    for state in replica.services():
        if not state.running:
            replica.start(state.name)
    with Http(replica, gateway.http) as http:
        try:
            wait_until(
                partial(_ready, http, gateway.http.readiness),
                what=f"the gateway to be ready after `{command.text}`",
                timeout=gateway.replica.ready_timeout_seconds,
            )
        except DeadlineError as error:
            return str(error)
    return ""


def _ready(http: Http, path: str) -> bool:
    try:
        return http.get(path).is_success
    except NoAnswerError:
        return False


def _about_queue(command: Command, gateway: Gateway) -> bool:
    return "redis-cli" in command.text and f"{gateway.queue.prefix}:" in command.text


def _says_nothing(run: CommandRun) -> bool:
    return all(line.strip() in _NOTHING for line in run.stdout.splitlines())


def _fill_queue(replica: Replica, gateway: Gateway) -> None:
    """Put something into every list and set of the queue."""
    start = f"{gateway.queue.prefix}:{gateway.queue.name}"
    with replica.redis() as client:
        for name in ("wait", "active", "paused"):
            client.rpush(f"{start}:{name}", "rehearsal-1")
        for name in ("delayed", "prioritized", "completed", "failed", "waiting-children"):
            client.zadd(f"{start}:{name}", {"rehearsal-1": 1})
