"""The scripts of a gateway that its runbook names: those that a section runs, and the logs that they write to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from rehearsal.backups.kinds import KINDS, kind_in
from rehearsal.gateway.target import NotOnThisTargetError, Target, TargetError
from rehearsal.runbook import Command, Runbook, RunbookError, procedure, section

_OWN = re.compile(r"(?:(?:bash|sh|python3?|sudo)\s+)*(\.{0,2}/?[\w.-]+(?:/[\w.-]+)+)(?=\s|$)")
_OF_REDIS = re.compile(r"redis|\bfilas?\b|\bqueues?\b|bullmq", re.IGNORECASE)
_BACKUP = re.compile(r"backup|c[oó]pias?\b|restor|restaur|limpa|clean|flush", re.IGNORECASE)
_WORDS_BEHIND = r"((?:\s+[A-Za-z][A-Za-z_-]*(?=\s|$))*)"
_OF_THE_HOST = ("/bin/", "/usr/", "/sbin/", "/opt/")


def script_of(command: str) -> str:
    """Return the path of the gateway's own script that a command runs; empty for other programs."""
    found = _OWN.match(command.strip())
    return found[1] if found and not found[1].startswith(_OF_THE_HOST) else ""


def asks_the_same(text: str, commands: Sequence[Command]) -> bool:
    """Tell whether a line, such as a crontab's, runs a script as one of the commands does: `ops.sh logs tidy` does not.

    What follows the script in words counts, but for the kinds of backups; true where no command runs a script.
    """
    scripts = [(one.text, PurePosixPath(script_of(one.text)).name) for one in commands if script_of(one.text)]
    return not scripts or any(not _asked(text, name).isdisjoint(_asked(command, name)) for command, name in scripts)


def _asked(text: str, script: str) -> set[tuple[str, ...]]:
    runs = re.finditer(rf"(?<![\w.-]){re.escape(script)}{_WORDS_BEHIND}", text)
    return {tuple(word for word in run[1].split() if not kind_in(word, KINDS)) for run in runs}


def texts_of(target: Target, commands: Sequence[Command]) -> dict[int, str]:
    """Return the text of each script of the gateway that is there and that a command runs, by the command's line."""
    found = {}
    for command in commands:
        if path := script_of(command.text):
            with suppress(TargetError):
                found[command.line] = target.read_file(path).decode(errors="replace")
    return found


def scripts_in(runbook: Runbook, heading: str) -> tuple[Command, ...]:
    """Return the commands of a section that run a script of the gateway. Raises RunbookError where there is none."""
    written = procedure(runbook, heading)
    found = tuple(command for command in written.commands if script_of(command.text))
    if not found:
        msg = (
            f"{runbook.path}:{written.place.line}: '{written.place.heading}': expected a command that runs a script of"
            f" the gateway, such as ./scripts/monitor-system.sh, found {', '.join(c.text for c in written.commands)}"
        )
        raise RunbookError(msg)
    return found


def script_named(runbook: Runbook, *words: str) -> Command:
    """Return the script in whose name all of the words stand, as the list of scripts or a command names it.

    Raises NotOnThisTargetError where the document names none: the gateway then has no such script.
    """
    listed = [Command(one.text, "", one.line) for one in runbook.scripts]
    steps = [command for one in runbook.sections for step in one.steps for command in step.commands]
    blocks = [command for one in runbook.sections for part in one.procedures for command in part.commands]
    for command in [*blocks, *steps, *listed]:
        name = PurePosixPath(script_of(command.text)).name.lower()
        if name and all(word in name for word in words):
            return command
    msg = f"{runbook.path.name} names no script with {' and '.join(words)} in its name"
    raise NotOnThisTargetError(msg)


def monitor_of_host(runbook: Runbook, heading: str) -> Command:
    """Return the script that looks at the host: by its name, else a section's first. Raises RunbookError."""
    try:
        return script_named(runbook, "monitor", "system")
    except NotOnThisTargetError:
        return scripts_in(runbook, heading)[0]


def monitor_of_redis(runbook: Runbook, heading: str) -> Command:
    """Return the script that looks at Redis or its queue: by its name, else by what the list below a heading says.

    Only that list counts: a backup of Redis is no monitor. Raises RunbookError where there is no such heading,
    NotOnThisTargetError where the document names no such script.
    """
    try:
        return script_named(runbook, "monitor", "redis")
    except NotOnThisTargetError:
        names = {one.line: one.text for one in runbook.scripts}
        for item in section(runbook, heading).items:
            if item.line in names and _OF_REDIS.search(item.text) and not _BACKUP.search(item.text):
                return script_named(runbook, PurePosixPath(names[item.line]).name.lower())
        raise


def log_files(runbook: Runbook) -> Sequence[str]:
    """Return the log files, not folders, that the document names."""
    return [one.text for one in runbook.log_paths if re.fullmatch(r"[\w./-]+", one.text) and one.text[-1] != "/"]
