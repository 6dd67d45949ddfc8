"""Runs an entry of the gateway's crontab inside a replica with no more than cron gives it."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Sequence
from pathlib import Path

from rehearsal.gateway.crontab import Entry
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import CommandRun, TargetError
from rehearsal.replica.protocol import Replica

_BARE = {"REHEARSAL_BARE": "/usr/bin:/bin"}
"""PATH as cron sets it. In the environment: in a script's text it would be refused where nothing isolates a replica."""
# What a replica has beside the system's folders stands for what a host has in them: docker, redis-cli, pg_dump.
_TOOLS = r"""tools=$(printf %s "$PATH" | tr : '\n' | grep -vE '^/(usr/(local/)?)?s?bin$' | paste -sd: -)"""
_TELLERS = re.compile(r"(?<![\w-])(?:logger|systemd-cat|sendmail|mailx?|msmtp|curl|wget|telegram|ntfy|slack\w*)\b")
"""What tells somebody of a failure beside cron and logs."""
_SHOWN = 100
_SECRETS = ("DB_HOST", "DB_PORT", "DB_USER", "DB_NAME", "DB_PASSWORD", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD")


def write_environment_file(replica: Replica, gateway: Gateway) -> None:
    """Write the file that the entries read passwords from, with the replica's own. Raises TargetError."""
    if gateway.schedule.environment_file is None:
        return
    named = [one.env for one in (gateway.postgres.password, gateway.redis.password) if one is not None and one.env]
    path = shlex.quote(str(gateway.schedule.environment_file))
    script = (
        f'umask 077; mkdir -p -- "$(dirname -- {path})" && rm -f -- {path} &&'
        f" for name in {' '.join([*_SECRETS, *named])}; do"
        f' [ -z "${{!name:-}}" ] || printf \'%s=%q\\n\' "$name" "${{!name}}"; done > {path}'
    )
    run = replica.run_script(script, timeout=gateway.replica.command_timeout_seconds)
    if not run.ok:
        msg = f"expected to write {gateway.schedule.environment_file} in {replica.name}; it {run.ending}"
        raise TargetError(msg)


def run_as_cron(replica: Replica, gateway: Gateway, entry: Entry, before: Sequence[str] = ()) -> CommandRun:
    """Run an entry by its shell, in the home folder, with an empty environment. Raises TargetError."""
    limit = gateway.replica.command_timeout_seconds
    command = entry.command
    if directory := _directory(gateway):
        command = command.replace(directory, replica.run_script("pwd", timeout=limit).stdout.strip())
    settings = dict(entry.settings)
    shell, path = settings.pop("SHELL", "/bin/sh"), settings.pop("PATH", "")
    words = [shlex.quote(f"{name}={value}") for name, value in settings.items() if name != "MAILTO"]
    known = (
        f'"PATH=$tools:{path or "$REHEARSAL_BARE"}" "HOME=$HOME" "LOGNAME=${{LOGNAME:-}}" SHELL={shlex.quote(shell)}'
    )
    line = f"exec env -i {known} {' '.join(words)} {shlex.quote(shell)} -c {shlex.quote(command)}"
    script = "\n".join([*before, _TOOLS, 'cd "$HOME"', "umask 022", line])
    return replica.run_script(script, timeout=limit, environment=_BARE)


def heard_of(replica: Replica, gateway: Gateway, entry: Entry) -> str:
    """Run an entry and return how a person would hear of what it says; empty where nobody would.

    What is told to others than cron and logs can't be seen here, and counts as told. Raises TargetError.
    """
    texts = [entry.command, *(one.read_text(errors="replace") for one in _scripts(gateway, entry))]
    teller = next((found[0] for text in texts if (found := _TELLERS.search(text))), "")
    if teller:
        return f"by `{teller}`, as it stands there"
    began = time.time()
    ran = run_as_cron(replica, gateway, entry)
    said = f"{ran.stdout}{ran.stderr}".strip()
    if said and dict(entry.settings).get("MAILTO") != "":
        return f"cron mails {said.splitlines()[-1][:_SHOWN]!r}"
    logs = f"find . /var/log -type f -size +0 -newermt @{began:.3f} \\( -name '*.log*' -o -path '*/log*/*' \\)"
    written = replica.run_script(f"{logs} 2>/dev/null", timeout=gateway.replica.command_timeout_seconds).stdout.split()
    return f"it writes to {written[0]}" if written else ""


def _scripts(gateway: Gateway, entry: Entry) -> list[Path]:
    named = re.findall(r"(?:\./)?[\w./-]+\.\w+", entry.command)
    return [path for name in named if (path := gateway.directory / name).is_file()]


def _directory(gateway: Gateway) -> str:
    live = gateway.live.directory
    return gateway.schedule.directory or (live if live.startswith("/") else "")
