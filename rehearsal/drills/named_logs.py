"""The logs that a document names: whether they are there, and whether what the document runs writes to them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from rehearsal.drills.cron import run_as_cron, write_environment_file
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.preparing import prepare
from rehearsal.gateway.crontab import Entry, entries_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import run_commands, what_is_wrong
from rehearsal.gateway.target import CommandRun, Target, TargetError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, Runbook, RunbookError, Step, procedure, section

CHAPTER = "Logs Importantes"
WRITERS = ("Backup Manual do PostgreSQL", "Backup Manual do Redis", "Monitoramento de Recursos")
"""Sections whose commands write logs, beside the scripts of the document's list."""
VERDICTS = (1, 2)
"""Exit codes of monitoring plugins for warning and critical, as Nagios has them."""
_NIGHTLY = re.compile(r"backup|c[oó]pias?\b|dump|monitor", re.IGNORECASE)
STAMP = re.compile(r"(?:YYYY|AAAA)(?:[-_.]?(?:MM|DD|HH|SS))*")
"""In the name of a log that begins anew each day or month."""


@dataclass(frozen=True, slots=True)
class Log:
    """One log as it was found."""

    path: str
    line: int
    kind: str
    """`file`, `folder`, or empty where there is none."""
    size: int


def named_logs(runbook: Runbook) -> tuple[Step, ...]:
    """Return the items that name logs. Raises RunbookError where there is none, or one can't be read."""
    under = section(runbook, CHAPTER)
    for problem in runbook.problems:
        if problem.about == "log":
            msg = f"{runbook.path}:{problem.place.line}: '{problem.place.heading}': {problem.message}"
            raise RunbookError(msg)
    if not runbook.log_paths:
        msg = f"{runbook.path}:{under.line}: '{under.heading}': expected a list of logs, found none"
        raise RunbookError(msg)
    return runbook.log_paths


def look_at(target: Target, step: Step, *, timeout: float) -> Log:
    """Look at a log, with `YYYY-MM` and the like in its name at all of that name. Raises TargetError."""
    run = target.run_script(f"stat -L -c '%s %F' -- {_pattern(step.text)}", timeout=timeout)
    if run.exit_code is None:
        msg = f"expected {target.name} to say what {step.text} is, got: {run.ending}"
        raise TargetError(msg)
    found = [line.partition(" ") for line in run.stdout.splitlines()]
    if not run.ok or not all(size.isdigit() for size, _, _ in found):
        return Log(step.text, step.line, "", 0)
    kinds = {"folder" if kind == "directory" else "file" for _, _, kind in found}
    return Log(step.text, step.line, kinds.pop(), sum(int(size) for size, _, _ in found))


def _pattern(path: str) -> str:
    """Return a word of the shell: digits where the name has the placeholder of a moment, all else as it stands."""
    plain, stamps = STAMP.split(path), [re.sub("[YAMDHS]", "[0-9]", one) for one in STAMP.findall(path)]
    return "".join(shlex.quote(one) + stamp if one else stamp for one, stamp in zip(plain, [*stamps, ""], strict=True))


def create(replica: Replica, logs: Sequence[Log], *, timeout: float) -> None:
    """Make the log files that are missing, as an installation does; not those of a day or month. Raises TargetError."""
    for log in logs:
        if not log.kind and not log.path.endswith("/") and not STAMP.search(log.path):
            path = shlex.quote(log.path)
            script = f"mkdir -p -- $(dirname -- {path}) && touch -- {path}"
            prepare(replica, script, f"make {log.path}", timeout=timeout)


def write_logs(replica: Replica, runbook: Runbook, gateway: Gateway) -> tuple[list[CommandRun], list[CommandRun]]:
    """Run what writes logs: the backups and the daily look at resources, then the scripts of the document's list.

    Returns what came of either. Raises TargetError, RunbookError.
    """
    written, seconds = run_writers(replica, runbook, gateway), gateway.replica.command_timeout_seconds
    scripts = [Command(step.text, "", step.line) for step in runbook.scripts]
    return written, list(run_commands(replica, scripts, timeout=seconds).commands) if scripts else []


def run_writers(replica: Replica, runbook: Runbook, gateway: Gateway) -> list[CommandRun]:
    """Make backups and look at resources by the document's blocks, those that are there. Raises TargetError."""
    blocks: list[Sequence[Command]] = []
    for heading in WRITERS:
        try:
            blocks.append(procedure(runbook, heading).commands)
        except RunbookError:
            continue  # its own checks tell that it is missing
    seconds = gateway.replica.command_timeout_seconds
    written: list[CommandRun] = []
    for block in blocks:
        commands = fill_in(replica, block, gateway.placeholders, timeout=seconds)
        written += run_commands(replica, commands, timeout=seconds).commands
    return written


def write_by_cron(
    replica: Replica, gateway: Gateway, logs: Sequence[Log], *, timeout: float
) -> list[tuple[CommandRun, list[str]]]:
    """Run the entries of the crontab that name a log which is still as it was, or whose scripts do, as cron does.

    A script may leave it to them where its words go: `>> ./logs/backup.log`. Returns the runs, each
    with the paths of its logs. Raises TargetError, GatewayError.
    """
    same = [log for log in logs if look_at(replica, Step(0, log.path, log.line), timeout=timeout).size <= log.size]
    names = {log.path: PurePosixPath(log.path).name for log in same if not log.path.endswith("/")}
    logging = {
        one: [path for path, name in names.items() if name in f"{one.command}\n{_scripts_of(one, gateway)}"]
        for one in entries_of(gateway)
    }
    write_environment_file(replica, gateway)
    return [(run_as_cron(replica, gateway, one), paths) for one, paths in logging.items() if paths]


def _scripts_of(entry: Entry, gateway: Gateway) -> str:
    """Return the texts of the gateway's scripts that an entry runs, by whatever path: `/srv/gateway/scripts/a.sh`."""
    found = []
    for word in re.findall(r"[\w./-]+/[\w.-]+", entry.command):
        parts = PurePosixPath(word).parts
        files = (gateway.directory.joinpath(*parts[start:]) for start in range(1, len(parts)))
        found += [file.read_text("utf-8", "replace") for file in files if file.is_file()][:1]
    return "\n".join(found)


def is_of_backups_or_monitors(runbook: Runbook, log: Log) -> bool:
    """Tell whether a log is one of those that each night must leave something in."""
    item = next((item.text for one in runbook.sections for item in one.items if item.line == log.line), log.path)
    return _NIGHTLY.search(item) is not None


def fault_of_script(run: CommandRun) -> str:
    """Say what was wrong with a monitoring script; 1 and 2 are its verdict on what it has seen, if it says one."""
    if run.exit_code in VERDICTS and run.stdout.strip():
        run = replace(run, exit_code=0, pipe_status=())
    return what_is_wrong(run)
