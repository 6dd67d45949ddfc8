"""What a drill fills into the commands of a runbook."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from rehearsal.drills.placeholders import NoBackupError, fill_in
from rehearsal.gateway.target import CommandRun
from rehearsal.runbook import Command, RunbookError
from rehearsal.runbook.shell import split_commands


class _Shell:
    """As much of a target as a look for files needs: a bash in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run_script(self, script: str, *, timeout: float, environment: Mapping[str, str] | None = None) -> CommandRun:
        del environment
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=timeout, check=False
        )
        return CommandRun(script, done.returncode, done.stdout, done.stderr, 0.0)


def _filled(folder: Path, block: str, values: Mapping[str, str] | None = None) -> list[str]:
    commands: tuple[Command, ...] = split_commands(block, 1)
    return [one.text for one in fill_in(_Shell(folder), commands, values or {}, timeout=10)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "command", "expected"),
    [
        (
            ["db-20260101-010203.dump", "db-20260102-010203.dump"],
            "pg_restore -d mail < ./db-YYYYMMDD-HHMMSS.dump",
            "pg_restore -d mail < ./db-20260102-010203.dump",
        ),
        (
            ["m_2026-03-04_0506.sql.zst"],
            "zstd -dc m_YYYY-MM-DD_HHMM.sql.zst | psql",
            "zstd -dc m_2026-03-04_0506.sql.zst | psql",
        ),
        (
            ["20260101T010203.tar"],
            "sh -c 'tar -xf YYYYMMDDTHHMMSS.tar && ls'",
            "sh -c 'tar -xf 20260101T010203.tar && ls'",
        ),
        (["f-20260101T010203Z.sql"], "psql -f f-YYYYMMDDTHHMMSSZ.sql", "psql -f f-20260101T010203Z.sql"),
        (["dump-20260101.rdb"], 'docker cp "dump-AAAAMMDD.rdb" r:/data/', 'docker cp "dump-20260101.rdb" r:/data/'),
    ],
)
def test_stamp_of_the_newest_file(tmp_path: Path, names: list[str], command: str, expected: str) -> None:
    """Whatever form a stamp has, it becomes that of the newest file of that name, and of no other file."""
    for age, name in enumerate([*names, "other-20270101-010203.txt", "db-latest.dump"]):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_700_000_000 + age,) * 2)
    assert _filled(tmp_path, command) == [expected]


def test_folder_that_the_procedure_sets(tmp_path: Path) -> None:
    """A folder that stands in a variable is looked into, and a path inside a container is one."""
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026/db-20260101.sql").touch()
    block = 'export DIR=2026\npsql < "$DIR/db-YYYYMMDD.sql"'
    with pytest.raises(NoBackupError):
        _filled(tmp_path, 'psql < "$DIR/db-YYYYMMDD.sql"')
    assert _filled(tmp_path, block.replace('"', ""))[1] == "psql < $DIR/db-20260101.sql"
    assert _filled(tmp_path, f"docker cp r:{tmp_path}/2026/db-YYYYMMDD.sql .") == [
        f"docker cp r:{tmp_path}/2026/db-20260101.sql ."
    ]


def test_two_stamps_of_two_backups(tmp_path: Path) -> None:
    """Two forms of stamp in one procedure are two files."""
    for name in ("roles-2026-01-01.sql", "db-20260202.sql"):
        (tmp_path / name).touch()
    assert _filled(tmp_path, "psql -f roles-YYYY-MM-DD.sql\npsql -f db-YYYYMMDD.sql") == [
        "psql -f roles-2026-01-01.sql",
        "psql -f db-20260202.sql",
    ]


def test_password_is_that_of_the_store(tmp_path: Path) -> None:
    """Where the command speaks of Redis its password is meant; no secret stands in the text."""
    assert _filled(tmp_path, "redis-cli -a your_password PING\nPGPASSWORD=your_password psql") == [
        'redis-cli -a "$REDIS_PASSWORD" PING',
        'PGPASSWORD="$DB_PASSWORD" psql',
    ]


def test_unknown_placeholder_says_where_to_give_it(tmp_path: Path) -> None:
    """What nobody can fill names the line and the table of gateway.toml; what stands there is taken."""
    with pytest.raises(RunbookError, match=r"<bucket>.*line 1.*\[placeholders\] in gateway\.toml"):
        _filled(tmp_path, "aws s3 cp <bucket> .")
    assert _filled(tmp_path, "aws s3 cp <bucket> .", {"<bucket>": "b"}) == ["aws s3 cp b ."]
