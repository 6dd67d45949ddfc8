"""An update of the gateway's code from a git remote, by the runbook: what runs afterwards, and what the schema is."""

from __future__ import annotations

import ast
import re
import secrets
import shlex
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.drills.mails import Mails
from rehearsal.drills.placeholders import fill_in
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import ProcedureRun, run_commands
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError, TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook, RunbookError, backup_policy
from rehearsal.snapshot import Difference
from rehearsal.snapshot import postgres as postgres_snapshot

_ORIGIN = "/tmp/rehearsal-origin"  # noqa: S108  of the replica's own /tmp
_PULLED = re.compile(r"\bgit\s+(?:-C\s+\S+\s+)?(?:pull|fetch)\b((?:\s+-[^\s;|&]+)*)\s*([\w./-]+)?\s*([\w./-]+)?")
_LOG_LINES = 400
_NO_CODE = "/backups/ /redis-backups/ /redis-data/ /logs/ /ssl/ /nginx/acme/ /nginx/ssl __pycache__/"
_SERVICES = ("api", "worker")
_GIT = (
    "export GIT_AUTHOR_NAME=drill GIT_AUTHOR_EMAIL=drill@example.com GIT_COMMITTER_NAME=drill"
    " GIT_COMMITTER_EMAIL=drill@example.com GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'"
)


@dataclass
class Update:
    """What an update came to."""

    run: ProcedureRun
    token: str
    """Stands in the new code and in the new migration."""
    migrated: bool | None
    """Whether the new table is there; None for a gateway without migrations."""
    running: dict[str, bool]
    """Of each service whose new code says that it runs, whether it has said so."""
    differences: list[Difference] = field(default_factory=list)
    """In PostgreSQL, but for what the migration itself makes."""
    backups: list[str] = field(default_factory=list)
    """Made during the update."""
    late_backups: list[str] = field(default_factory=list)
    """Those of them that already have the new table."""
    problems: list[str] = field(default_factory=list)
    """What did not work afterwards."""


def update(replica: Replica, gateway: Gateway, runbook: Runbook, written: Procedure, *, breaks: bool) -> Update:
    """Publish a commit with new code and a migration, and run the section; a migration that `breaks` fails half way.

    Raises TargetError, NotOnThisTargetError, RunbookError, SnapshotError.
    """
    limit = gateway.replica.command_timeout_seconds
    commands = fill_in(replica, written.commands, gateway.placeholders, timeout=limit)
    remote, branch = _source("\n".join(command.text for command in commands), runbook, written)
    if not replica.run_script("command -v git", timeout=limit).ok:
        msg = "git is not in this replica: new code can't come from a remote"
        raise NotOnThisTargetError(msg)
    token = f"rehearsal_{secrets.token_hex(4)}"
    changed = _announcing(gateway, token)
    migration = _migration(gateway, token, breaks=breaks)
    mails = Mails(replica, gateway)
    sent = mails.deliver("a mail sent before the update")
    # Its row learns a moment later that it was sent.
    mails.problems += mails.wrongly_delivered([sent], mails.await_copies([sent]))
    _publish(replica, {**changed.files, **migration}, remote, branch, limit)
    before = _snapshot(replica)
    run = run_commands(replica, commands, timeout=limit)
    seen = Update(run, token, None, dict.fromkeys(changed.services, False))
    _look(replica, gateway, seen, migrates=bool(migration), breaks=breaks)
    seen.differences = [
        one
        for one in postgres_snapshot.compare(before, _snapshot(replica), changing=gateway.postgres.changing)
        if breaks or (token not in str(one) and "migrat" not in one.where)
    ]
    seen.backups, seen.late_backups = _backups(replica, runbook, token, limit)
    with suppress(NoAnswerError):
        mails.offer_again(sent)
    try:
        mails.deliver("a mail handed in after the update")
    except (NoAnswerError, DeadlineError) as error:
        seen.problems.append(str(error))
    seen.problems += mails.problems
    return seen


def _source(text: str, runbook: Runbook, written: Procedure) -> tuple[str, str]:
    """Return remote and branch of the section's `git pull`. Raises RunbookError where there is none."""
    found = _PULLED.search(text)
    if not found:
        where = f"{runbook.path}:{written.place.line}: '{written.place.heading}'"
        msg = f"{where}: expected `git pull`, found none: how new code comes is not known"
        raise RunbookError(msg)
    return found[2] or "origin", found[3] or "main"


@dataclass(frozen=True)
class _Announcing:
    files: dict[str, str]
    services: tuple[str, ...]


def _announcing(gateway: Gateway, token: str) -> _Announcing:
    """Return new code: each service's own, with a line that says in its log that it runs."""
    files: dict[str, str] = {}
    services = []
    for name in _SERVICES:
        part = gateway.replica.services.get(name)  # type: ignore[call-overload]  # the names are its own
        path = _program(gateway, part.directory, part.command) if part else None
        if path is not None:
            text = (gateway.directory / path).read_text()
            said = f"{token} {name}" if str(path) not in files else token
            files[str(path)] = _with_line(text, path.suffix, said)
            services.append(name)
    if not services:
        msg = "[replica.services] names no program in Python or JavaScript: new code can't be made for it"
        raise NotOnThisTargetError(msg)
    return _Announcing(files, tuple(services))


def _program(gateway: Gateway, directory: Path, command: tuple[str, ...]) -> Path | None:
    """Return the file of the gateway directory that a command runs."""
    for before, word in zip(("", *command), command, strict=False):
        names = [word] if word.endswith((".py", ".js", ".mjs", ".cjs")) else []
        if before == "-m":
            names = [word.replace(".", "/") + ".py", word.replace(".", "/") + "/__main__.py"]
        for name in names:
            if (gateway.directory / directory / name).is_file():
                return directory / name
    return None


def _with_line(text: str, suffix: str, said: str) -> str:
    if suffix != ".py":
        first, rest = ("", text) if not text.startswith("#!") else text.split("\n", 1)
        return f"{first}\n{rest}\nconsole.log('{said}');\n" if first else f"console.log('{said}');\n{rest}"
    lines = text.splitlines(keepends=True)
    last = 0
    for node in ast.parse(text).body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        last = node.end_lineno or 0
    return "".join([*lines[:last], f"print('{said}', flush=True)\n", *lines[last:]])


def _migration(gateway: Gateway, token: str, *, breaks: bool) -> dict[str, str]:
    """Return one more migration, named as the others are; none for a gateway that has no migrations/*.sql."""
    names = sorted(path.name for path in (gateway.directory / "migrations").glob("*.sql"))
    if not names:
        return {}
    number = re.match(r"\d+", names[-1])
    name = f"{int(number[0]) + 1:0{len(number[0])}d}_{token}.sql" if number else f"{names[-1][:-4]}_{token}.sql"
    text = f"CREATE TABLE {token} (id bigint PRIMARY KEY);\n"
    return {f"migrations/{name}": text + ("SELECT 1 / 0;\n" if breaks else "")}


def _publish(replica: Replica, files: dict[str, str], remote: str, branch: str, limit: float) -> None:
    """Make the gateway directory a clone of a remote, and push a commit there that it does not have yet."""
    names = {f"DRILL_FILE_{number}": path for number, path in enumerate(files)}
    writes = "\n".join(f'printf %s "${variable}" > {shlex.quote(path)}' for variable, path in names.items())
    script = f"""set -eu
{_GIT}
rm -rf {_ORIGIN}.git {_ORIGIN}-work
git init -q --bare -b {branch} {_ORIGIN}.git
git init -q -b {branch} .
printf '%s\\n' $DRILL_NO_CODE >> .git/info/exclude
git add -A . && git commit -q -m 'as it runs'
git remote add {remote} {_ORIGIN}.git && git push -q -u {remote} {branch}
git clone -q -b {branch} {_ORIGIN}.git {_ORIGIN}-work
cd {_ORIGIN}-work
{writes}
git add -A . && git commit -q -m 'new code' && git push -q origin {branch}
"""
    environment = {variable: files[path] for variable, path in names.items()} | {"DRILL_NO_CODE": _NO_CODE}
    run = replica.run_script(script, timeout=limit, environment=environment)
    if not run.ok:
        msg = f"expected a git remote with new code in {replica.name}, git {run.ending}"
        raise TargetError(msg)
    replica.run_script("touch ./logs/rehearsal-before-update; sleep 0.05", timeout=limit)


def _snapshot(replica: Replica) -> postgres_snapshot.PostgresSnapshot:
    with replica.postgres() as connection:
        return postgres_snapshot.take(connection)


def _look(replica: Replica, gateway: Gateway, seen: Update, *, migrates: bool, breaks: bool) -> None:
    if migrates:
        with replica.postgres() as connection:
            row = connection.execute("SELECT to_regclass(%s)::text", (seen.token,)).fetchone()
        seen.migrated = bool(row and row[0])
    with suppress(DeadlineError):
        # It says so when it starts: a moment after the commands have ended, at most.
        wait_until(lambda: _all_run(replica, seen), what="the new code", timeout=1 if breaks else 5, pause=0.1)
    try:
        wait_until(
            lambda: _is_ready(replica, gateway),
            what="a ready API",
            timeout=gateway.replica.ready_timeout_seconds,
            forgive=(NoAnswerError,),
        )
    except DeadlineError as error:
        seen.problems.append(str(error))


def _all_run(replica: Replica, seen: Update) -> bool:
    for name in seen.running:
        seen.running[name] = seen.token in replica.logs(name, _LOG_LINES)
    return all(seen.running.values())


def _is_ready(replica: Replica, gateway: Gateway) -> bool:
    with Http(replica, gateway.http) as http:
        return http.get(gateway.http.readiness).is_success


def _backups(replica: Replica, runbook: Runbook, token: str, limit: float) -> tuple[list[str], list[str]]:
    folder = "./backups"
    with suppress(RunbookError):
        folder = backup_policy(runbook, "PostgreSQL").location or folder
    script = f"""find {shlex.quote(folder)} -type f -newer ./logs/rehearsal-before-update -size +0 \\
    ! -name '.*' ! -name '*.manifest' ! -name '*.sha256' | while read -r file; do
        case $file in *.gz) read_it='gzip -dc' ;; *) read_it=cat ;; esac
        $read_it "$file" | grep -aq {token} && echo "late $file" || echo "good $file"
    done"""
    lines = replica.run_script(script, timeout=limit).stdout.splitlines()
    found = [line.partition(" ") for line in lines]
    return [path for _, _, path in found], [path for word, _, path in found if word == "late"]
