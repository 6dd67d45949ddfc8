"""Scripts of the gateway that an entry of its crontab names: whether cron finds them there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from rehearsal.drills.cron import directory_of, run_as_cron, write_environment_file
from rehearsal.gateway.crontab import Entry, entries_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import CommandRun
from rehearsal.replica.protocol import Replica

_SCRIPT = re.compile(r"(?<![\w$}~/.-])((?:\.{0,2}/)?(?:[\w.-]+/)*([\w.-]+\.(?:sh|bash|py)))(?![\w/.-])")
_ENTERS = re.compile(r"(?<![\w-])cd\s+[\"']?([^\s\"';&|]+)")
_NOT_RUN = (126, 127)
"""Exit codes of a shell: it may not be run, it is not there."""
_NOT_FOUND = re.compile(r"not found|no such file|can't open|cannot open|permission denied|can't cd", re.IGNORECASE)


def run_lost(replica: Replica, gateway: Gateway) -> Iterator[tuple[Entry, str, CommandRun]]:
    """Run, as cron does, each entry that names a script of the gateway by a path where it does not lie.

    Yields the entry, the script's name and what came of it. Raises TargetError, GatewayError.
    """
    write_environment_file(replica, gateway)
    for entry in entries_of(gateway):
        if name := _lost(entry, gateway):
            yield entry, name, run_as_cron(replica, gateway, entry)


def is_not_there(run: CommandRun, name: str) -> bool:
    """Tell whether a run did not find this script, or could not enter its folder: by its status, or by its words."""
    said = f"{run.stdout}\n{run.stderr}"
    named = any(_NOT_FOUND.search(line) and (name in line or "cd" in line) for line in said.splitlines())
    return run.exit_code in _NOT_RUN or (named and not run.ok)


def _lost(entry: Entry, gateway: Gateway) -> str:
    directory = directory_of(gateway)
    for found in _SCRIPT.finditer(entry.command) if directory else ():
        entered = _ENTERS.findall(entry.command, 0, found.start())
        path = PurePosixPath(entered[-1] if entered else "/", found[1])
        under = path.is_relative_to(directory)
        there = under and (gateway.directory / path.relative_to(directory)).is_file()
        if "$" not in str(path) and not there and (under or any(gateway.directory.rglob(found[2]))):
            return found[2]
    return ""
