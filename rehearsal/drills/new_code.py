"""New code of a gateway, and a migration, published to a git remote that the gateway directory is made a clone of."""

from __future__ import annotations

import ast
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from rehearsal.drills.preparing import prepare
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook, RunbookError

_ORIGIN = "/tmp/rehearsal-origin"  # noqa: S108  of the replica's own /tmp
_PULLED = re.compile(r"\bgit\s+(?:-C\s+\S+\s+)?(?:pull|fetch)\b((?:\s+-[^\s;|&]+)*)\s*([\w./-]+)?\s*([\w./-]+)?")
_NO_CODE = (
    "/backups/ /redis-backups/ /redis-data /logs/ /ssl/ /nginx/acme/ /nginx/ssl __pycache__/ node_modules/ .venv/"
)
_NUMBERED = re.compile(r"V?\d+.*\.sql")
_NO_MIGRATIONS = ("node_modules", "backups", "redis-backups", "redis-data", "logs", "data", "ssl", "nginx")
_SERVICES = ("api", "worker")
_GIT = (
    "export GIT_AUTHOR_NAME=drill GIT_AUTHOR_EMAIL=drill@example.com GIT_COMMITTER_NAME=drill"
    " GIT_COMMITTER_EMAIL=drill@example.com GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'"
)


def remote_of(text: str, runbook: Runbook, written: Procedure) -> tuple[str, str]:
    """Return remote and branch of the section's `git pull`. Raises RunbookError where there is none."""
    found = _PULLED.search(text)
    if not found:
        where = f"{runbook.path}:{written.place.line}: '{written.place.heading}'"
        msg = f"{where}: expected `git pull`, found none: how new code comes is not known"
        raise RunbookError(msg)
    return found[2] or "origin", found[3] or "main"


@dataclass(frozen=True)
class Announcing:
    """Code that says in its log that it runs."""

    files: dict[str, str]
    """The new text of each file, by its path in the gateway directory."""
    services: tuple[str, ...]
    """Those whose code it is."""


def announcing(gateway: Gateway, token: str) -> Announcing:
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
    return Announcing(files, tuple(services))


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


def migration_like(gateway: Gateway, token: str, *, breaks: bool) -> dict[str, str]:
    """Return one more migration, named as the others are; none for a gateway whose migrations are no *.sql."""
    files = _migrations(gateway)
    if not files:
        return {}
    last = files[-1]
    number = re.match(r"(V?)(\d+)(_*)", last.name)
    following = f"{number[1]}{int(number[2]) + 1:0{len(number[2])}d}{number[3] or '_'}" if number else f"{last.stem}_"
    text = f"CREATE TABLE {token} (id bigint PRIMARY KEY);\n"
    path = last.with_name(f"{following}{token}.sql").relative_to(gateway.directory)
    return {str(path): text + ("SELECT 1 / 0;\n" if breaks else "")}


def _migrations(gateway: Gateway) -> list[Path]:
    """Return the migrations in their order: those of migrations/, else of the folder with the most numbered *.sql."""
    if found := [*(gateway.directory / "migrations").glob("*.sql")]:
        return sorted(found, key=_place)
    if not gateway.replica.migrate:
        return []
    folders: list[list[Path]] = [[]]
    for place, below, names in os.walk(gateway.directory):
        below[:] = [name for name in below if name not in _NO_MIGRATIONS and not name.startswith(".")]
        folders.append([Path(place, name) for name in names if _NUMBERED.fullmatch(name)])
    most = max(map(len, folders))
    return sorted(next(files for files in folders if len(files) == most), key=_place)


def _place(file: Path) -> tuple[int, str]:
    number = re.match(r"V?(\d+)", file.name)
    return int(number[1]) if number else 0, file.name


def publish(replica: Replica, files: dict[str, str], remote: str, branch: str, limit: float) -> None:
    """Make the gateway directory a clone of a remote, and push a commit there that it does not have yet."""
    names = {f"DRILL_FILE_{number}": path for number, path in enumerate(files)}
    writes = "\n".join(f'printf %s "${variable}" > {shlex.quote(path)}' for variable, path in names.items())
    script = f"""set -eu
{_GIT}
rm -rf {_ORIGIN}.git {_ORIGIN}-work
git init -q --bare -b {branch} {_ORIGIN}.git
git init -q -b {branch} .
printf '%s\\n' $DRILL_NO_CODE "/$(realpath --relative-to . redis-data)/" >> .git/info/exclude
git add -A . && git commit -q -m 'as it runs'
git remote add {remote} {_ORIGIN}.git && git push -q -u {remote} {branch}
git clone -q -b {branch} {_ORIGIN}.git {_ORIGIN}-work
cd {_ORIGIN}-work
{writes}
git add -A . && git commit -q -m 'new code' && git push -q origin {branch}
"""
    environment = {variable: files[path] for variable, path in names.items()} | {"DRILL_NO_CODE": _NO_CODE}
    prepare(replica, script, "make a git remote with new code", timeout=limit, environment=environment)
    replica.run_script("touch ./logs/rehearsal-before-update; sleep 0.05", timeout=limit)
