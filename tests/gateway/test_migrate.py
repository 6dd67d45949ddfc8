"""Migrations are applied once, in order, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.gateway.conftest import Gateway, migrate
from tests.gateway.servers import GATEWAY

sys.path.insert(0, str(GATEWAY))

from app.migrate import MigrationError
from app.migrate import migrate as apply


@pytest.fixture
def empty(gateway: Gateway) -> Gateway:
    """Return a gateway whose database has no schema."""
    with gateway.postgres.connect() as conn:
        conn.execute(f"DROP DATABASE {gateway.database}".encode())
        conn.execute(f"CREATE DATABASE {gateway.database}".encode())
    return gateway


def test_empty_database_gets_the_schema(empty: Gateway) -> None:
    """An empty database becomes one that the API can use; a second run changes nothing."""
    assert migrate(empty.postgres, empty.database).returncode == 0
    files = sorted(path.name for path in (GATEWAY / "migrations").glob("*.sql"))
    assert [row[0] for row in empty.sql("SELECT version FROM schema_migrations ORDER BY version")] == files
    assert "0 applied now" in migrate(empty.postgres, empty.database).stdout


def test_two_at_once_take_turns(empty: Gateway) -> None:
    """Two migrations started together both succeed."""
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: migrate(empty.postgres, empty.database), range(2)))
    assert [run.returncode for run in runs] == [0, 0], [run.stdout for run in runs]


def test_broken_migration_leaves_nothing_behind(empty: Gateway, tmp_path: Path) -> None:
    """A migration that fails in its second statement leaves no trace of its first; those before it stay."""
    (tmp_path / "1.sql").write_text("CREATE TABLE one ();")
    (tmp_path / "2.sql").write_text("CREATE TABLE two (); SELECT 1 / 0;")
    with empty.postgres.connect(empty.database) as conn, pytest.raises(psycopg.errors.DivisionByZero):
        apply(conn, tmp_path)
    tables = empty.sql("SELECT to_regclass('one')::text, to_regclass('two')::text")
    assert tables == [("one", None)]


def test_changed_migration_is_refused(empty: Gateway, tmp_path: Path) -> None:
    """A file that was changed after it had been applied is not the schema's history any more."""
    (tmp_path / "1.sql").write_text("CREATE TABLE one ();")
    with empty.postgres.connect(empty.database) as conn:
        assert apply(conn, tmp_path) == ["1.sql"]
        (tmp_path / "1.sql").write_text("CREATE TABLE uno ();")
        with pytest.raises(MigrationError, match=r"1\.sql was changed"):
            apply(conn, tmp_path)


def test_database_ahead_of_the_code_is_refused(empty: Gateway, tmp_path: Path) -> None:
    """Older code does not touch the schema of newer code."""
    (tmp_path / "1.sql").write_text("CREATE TABLE one ();")
    (tmp_path / "2.sql").write_text("CREATE TABLE two ();")
    with empty.postgres.connect(empty.database) as conn:
        apply(conn, tmp_path)
        (tmp_path / "2.sql").unlink()
        with pytest.raises(MigrationError, match=r"ahead of this code: 2\.sql"):
            apply(conn, tmp_path)


def test_unreachable_database_is_one_sentence(tmp_path: Path) -> None:
    """A database that does not answer gives status 1, a line, and no traceback."""
    environment = {"DB_HOST": "127.0.0.1", "DB_PORT": "1", "DB_PASSWORD": "hunter2"}
    command = [sys.executable, "-m", "app.migrate"]
    run = subprocess.run(command, cwd=GATEWAY, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode == 1
    assert "migration stopped" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert "hunter2" not in run.stdout + run.stderr
    assert not list(tmp_path.iterdir())
