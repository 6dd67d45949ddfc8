"""Runs an entry of the gateway's crontab inside a replica with no more than cron gives it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from rehearsal.drills.preparing import prepare
from rehearsal.gateway.crontab import Entry
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import CommandRun
from rehearsal.replica.protocol import Replica

_BARE = {"REHEARSAL_BARE": "/usr/bin:/bin"}
"""PATH as cron sets it. In the environment: in a script's text it would be refused where nothing isolates a replica."""
# What a replica has beside the system's folders stands for what a host has in them: docker, redis-cli, pg_dump.
_TOOLS = r"""tools=$(printf %s "$PATH" | tr : '\n' | grep -vE '^/(usr/(local/)?)?s?bin$' | paste -sd: -)"""
_SETS_PATH = re.compile(r"(?<![\w$])PATH=([\"']?)(?=/)")
_READS_PROFILE = re.compile(r"(?<!\S)(?:\.|source)\s+/etc/profile(?![\w/.-])")
_LOGS_IN = re.compile(r"(?<![\w-])(bash|sh)\s+(?:-lc|-cl|-l\s+-c|--login\s+-c)(?=\s)")
_EXAMPLES = (".example", ".sample", ".dist", ".template", ".tmpl")
_SETS = re.compile(r"\b([A-Z]\w*)=")
_SECRETS = ("DB_HOST", "DB_PORT", "DB_USER", "DB_NAME", "DB_PASSWORD", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD")


def write_environment_file(replica: Replica, gateway: Gateway) -> None:
    """Write the file that the entries read passwords from, with the replica's own. Raises TargetError."""
    if gateway.schedule.environment_file is None:
        return
    named = [one.env for one in (gateway.postgres.password, gateway.redis.password) if one is not None and one.env]
    known = [name for name in _SECRETS if name not in _left_to_scripts(gateway)]
    path = shlex.quote(str(gateway.schedule.environment_file))
    export = "export " if _is_exported(gateway.directory / gateway.schedule.environment_file) else ""
    script = (
        f'umask 077; mkdir -p -- "$(dirname -- {path})" && rm -f -- {path} &&'
        f" for name in {' '.join([*known, *named])}; do"
        f' [ -z "${{!name:-}}" ] || printf \'{export}%s=%q\\n\' "$name" "${{!name}}"; done > {path}'
    )
    what = f"write {gateway.schedule.environment_file}"
    prepare(replica, script, what, timeout=gateway.replica.command_timeout_seconds)


def _left_to_scripts(gateway: Gateway) -> tuple[str, ...]:
    """Return what nobody sets: where the team names the password and not the database, scripts know its name."""
    file, crontab = gateway.schedule.environment_file, gateway.schedule.crontab
    texts = [_own_text(gateway.directory / file) if file else ""]
    if crontab and (path := gateway.directory / crontab).is_file():
        texts.append(path.read_text(errors="replace"))
    named = {name for text in texts for name in _SETS.findall(text)}
    return ("DB_NAME",) if "DB_PASSWORD" in named and "DB_NAME" not in named else ()


def _is_exported(file: Path) -> bool:
    """Tell whether the team's own file, or the example that lies beside it, exports what it sets."""
    return bool(re.search(r"^[ \t]*export[ \t]+\w+=", _own_text(file), re.MULTILINE))


def _own_text(file: Path) -> str:
    """Return the team's own file, or the example that lies beside it; empty where there is neither."""
    for path in (file, *(file.with_name(file.name + ending) for ending in _EXAMPLES)):
        if path.is_file():
            return path.read_text(errors="replace")
    return ""


def run_as_cron(replica: Replica, gateway: Gateway, entry: Entry, before: Sequence[str] = ()) -> CommandRun:
    """Run an entry by its shell, in the home folder, with an empty environment. Raises TargetError."""
    limit = gateway.replica.command_timeout_seconds
    command, settings = entry.command, dict(entry.settings)
    if directory := directory_of(gateway):
        here = replica.run_script("pwd", timeout=limit).stdout.strip()
        command = command.replace(directory, here)
        settings = {name: value.replace(directory, here) for name, value in settings.items()}
    if tools := _tools_for(command, replica, limit):
        command = _with_tools(command, tools)
    shell, path = settings.pop("SHELL", "/bin/sh"), settings.pop("PATH", "")
    words = [shlex.quote(f"{name}={value}") for name, value in settings.items() if name != "MAILTO"]
    known = (
        f'"PATH=$tools:{path or "$REHEARSAL_BARE"}" "HOME=$HOME" "LOGNAME=${{LOGNAME:-}}" SHELL={shlex.quote(shell)}'
    )
    line = f"exec env -i {known} {' '.join(words)} {shlex.quote(shell)} -c {shlex.quote(command)}"
    script = "\n".join([*before, _TOOLS, 'cd "$HOME"', "umask 022", line])
    return replica.run_script(script, timeout=limit, environment=_BARE)


def _tools_for(command: str, replica: Replica, limit: float) -> str:
    """Return the folders of the replica's tools, where an entry sets PATH itself; empty elsewhere."""
    if not any(one.search(command) for one in (_SETS_PATH, _READS_PROFILE, _LOGS_IN)):
        return ""
    return replica.run_script(f'{_TOOLS}; printf %s "$tools"', timeout=limit).stdout.strip()


def _with_tools(command: str, tools: str) -> str:
    """Return an entry's command in which they still come first; the profile of the host is none of a replica's."""
    command = _SETS_PATH.sub(lambda found: f"PATH={found[1]}{tools}:", command)
    command = _READS_PROFILE.sub(lambda found: f'{{ {found[0]}; PATH="{tools}:$PATH"; }}', command)
    return _LOGS_IN.sub(r"\1 -c", command)


def directory_of(gateway: Gateway) -> str:
    """Return how entries name the gateway directory; empty where they do not."""
    live = gateway.live.directory
    return gateway.schedule.directory or (live if live.startswith("/") else "")
