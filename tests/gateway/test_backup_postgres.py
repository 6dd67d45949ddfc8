"""A PostgreSQL backup is whole and named last; what fails is loud and leaves nothing that looks like a backup."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import signal
import stat
import time
from pathlib import Path

import pytest

from tests.gateway.conftest import Gateway
from tests.gateway.operator_shell import Shell
from tests.gateway.servers import PG_BIN, until

NAME = re.compile(r"email-gateway-daily-\d{8}-\d{6}\.sql\.gz")


def _only_backup(shell: Shell) -> Path:
    names = [name for name in shell.files("backups") if name.endswith(".gz")]
    assert len(names) == 1
    return shell.root / "backups" / names[0]


def _older(shell: Shell, name: str, days: int) -> Path:
    path = shell.root / "backups" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"old")
    then = time.time() - days * 86400
    os.utime(path, (then, then))
    return path


def test_backup_is_a_whole_dump_with_its_manifest(shell: Shell, gateway: Gateway) -> None:
    """The file is a plain dump that gzip reads to the end, readable by its owner only, with a manifest that is true."""
    gateway.sql(
        "INSERT INTO recipients (company_id, address) SELECT 1, 'a' || n || '@example.org' FROM generate_series(1, 7) n"
    )
    ran = shell.run("backup-postgres.sh", "daily", 7, "./backups")
    assert ran.status == 0, ran.output
    path = _only_backup(shell)
    assert NAME.fullmatch(path.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = gzip.decompress(path.read_bytes()).decode()
    assert "CREATE TABLE public.email_outbox" in text
    assert not re.search("^(CREATE|DROP) DATABASE", text, re.MULTILINE)
    manifest = json.loads(path.with_name(path.name + ".manifest").read_text())
    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest["bytes"] == path.stat().st_size
    assert (manifest["database"], manifest["encoding"]) == (gateway.database, "UTF8")
    assert manifest["rows"]["public.recipients"] == 7
    assert shell.files("backups") == [path.name, f"{path.name}.manifest"]


def test_rows_are_those_of_the_dump_while_others_write(shell: Shell, gateway: Gateway) -> None:
    """The manifest counts the rows of the dumped state, not of a moment before or after."""
    gateway.sql("CREATE TABLE busy AS SELECT generate_series(1, 200000) AS n")
    process = shell.start("backup-postgres.sh", "daily", 7, "./backups")
    while process.poll() is None:
        gateway.sql("INSERT INTO busy SELECT generate_series(1, 500)")
    assert process.wait() == 0
    path = _only_backup(shell)
    counted = json.loads(path.with_name(path.name + ".manifest").read_text())["rows"]["public.busy"]
    copied = gzip.decompress(path.read_bytes()).split(b"COPY public.busy (n) FROM stdin;\n")[1].split(b"\\.\n")[0]
    assert copied.count(b"\n") == counted


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"DB_PASSWORD": "wrong"}, "password authentication failed"),
        ({"DB_PORT": "1"}, "não atendeu"),
        ({"DB_NAME": "nowhere"}, "nowhere"),
    ],
    ids=["password", "server-down", "no-database"],
)
def test_unreachable_database_is_loud(shell: Shell, wrong: dict[str, str], said: str) -> None:
    """A database that can't be asked gives a status and a sentence, and no file."""
    ran = shell.run("backup-postgres.sh", "daily", 7, "./backups", **wrong)
    assert ran.status != 0
    assert "FALHA" in ran.output
    assert said in ran.output
    assert shell.files("backups") == []


@pytest.mark.parametrize(
    "arguments",
    [("hourly", 7, "./backups"), ("daily", 0, "./backups"), ("daily", "x", "./backups"), ("daily", 7, ""), ("daily",)],
    ids=["kind", "zero-days", "no-number", "no-folder", "too-few"],
)
def test_wrong_arguments_are_refused(shell: Shell, arguments: tuple[object, ...]) -> None:
    """Arguments that make no sense are refused before anything is asked or written."""
    ran = shell.run("backup-postgres.sh", *arguments)
    assert (ran.status, "FALHA" in ran.output) == (1, True)


def test_password_is_in_no_arguments_and_no_output(shell: Shell, tmp_path: Path) -> None:
    """Programs are given the password by their environment."""
    for program in ("psql", "pg_dump"):
        real = PG_BIN / program
        shell.program(program, f'#!/bin/sh\necho "$0 $*" >>{tmp_path}/argv\nexec {real} "$@"\n')
    ran = shell.run("backup-postgres.sh", "daily", 7, "./backups", DB_PASSWORD="wrong hunter2")  # noqa: S106
    seen = (tmp_path / "argv").read_text()
    assert "psql" in seen
    assert "hunter2" not in seen + ran.output


@pytest.mark.parametrize("program", ["pg_dump", "gzip"])
def test_program_that_fails_half_way_leaves_nothing(shell: Shell, program: str) -> None:
    """A pg_dump that dies, or a gzip that can't write (a full disk), ends the backup without a file."""
    shell.program(program, "#!/bin/sh\nhead -c 100000 /dev/zero\necho 'No space left on device' >&2\nexit 1\n")
    ran = shell.run("backup-postgres.sh", "daily", 7, "./backups")
    assert (ran.status, "FALHA" in ran.output) == (1, True)
    assert shell.files("backups") == []


def test_full_disk_leaves_nothing(shell: Shell, gateway: Gateway, small_disk: Path) -> None:
    """On a disk that is too small the backup fails, says so, and leaves the disk as it was."""
    gateway.sql("CREATE TABLE big AS SELECT md5(n::text) || md5((-n)::text) AS noise FROM generate_series(1, 100000) n")
    ran = shell.run("backup-postgres.sh", "daily", 7, small_disk)
    assert (ran.status, "FALHA" in ran.output) == (1, True)
    assert [path.name for path in small_disk.iterdir()] == [".backup-postgres.lock"]


def test_dump_that_ends_early_is_no_backup(shell: Shell) -> None:
    """A pg_dump that stops in the middle and claims success is found out by its missing last line."""
    shell.program("pg_dump", "#!/bin/sh\necho '-- PostgreSQL database dump'\nexit 0\n")
    ran = shell.run("backup-postgres.sh", "daily", 7, "./backups")
    assert (ran.status, "FALHA" in ran.output) == (1, True)
    assert shell.files("backups") == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["term", "kill"])
def test_backup_ended_half_way_is_no_backup(shell: Shell, number: signal.Signals) -> None:
    """A backup that is ended leaves no file of a backup's name; after SIGKILL the next one clears away what is left."""
    shell.program("pg_dump", "#!/bin/sh\necho started\nexec sleep 60\n")
    process = shell.start("backup-postgres.sh", "daily", 7, "./backups")
    until("the dump", lambda: list((shell.root / "backups").glob(".backup-postgres.*/dump.sql.gz")))
    if number is signal.SIGKILL:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    started = time.monotonic()
    assert process.wait(10) != 0
    assert time.monotonic() - started < 3
    assert not list((shell.root / "backups").glob("email-gateway-*"))
    (shell.folder / "bin" / "pg_dump").unlink()
    until("the end of its children", lambda: shell.run("backup-postgres.sh", "daily", 7, "./backups").status == 0)
    assert len(shell.files("backups")) == 2


def test_two_at_once_take_turns(shell: Shell) -> None:
    """Two backups started together are two backups."""
    first = shell.start("backup-postgres.sh", "daily", 7, "./backups")
    second = shell.start("backup-postgres.sh", "daily", 7, "./backups")
    assert (first.wait(30), second.wait(30)) == (0, 0)
    assert len([name for name in shell.files("backups") if NAME.fullmatch(name)]) == 2


def test_rotation_deletes_only_its_own_old_backups(shell: Shell) -> None:
    """What is older than DAYS goes, with its manifest; other kinds, other names, and younger ones stay."""
    old = _older(shell, "email-gateway-daily-20200101-020000.sql.gz", 8)
    manifest = _older(shell, "email-gateway-daily-20200101-020000.sql.gz.manifest", 8)
    kept = [
        _older(shell, "email-gateway-weekly-20200101-020000.sql.gz", 8),
        _older(shell, "email-gateway-daily-before-migration.sql.gz", 800),
        _older(shell, "email-gateway-daily-20200102-020000.sql.gz", 6),
        _older(shell, "notes.txt", 800),
    ]
    assert shell.run("backup-postgres.sh", "daily", 7, "./backups").status == 0
    assert not old.exists()
    assert not manifest.exists()
    assert [path.name for path in kept if not path.exists()] == []


def test_failed_backup_deletes_no_older_one(shell: Shell) -> None:
    """While new backups fail, old ones are all there is: rotation waits for a success."""
    old = _older(shell, "email-gateway-daily-20200101-020000.sql.gz", 800)
    assert shell.run("backup-postgres.sh", "daily", 7, "./backups", DB_PORT="1").status == 1
    assert old.exists()
