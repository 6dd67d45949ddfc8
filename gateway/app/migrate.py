"""Brings the schema up to date: `python -m app.migrate` applies migrations/*.sql in order, each in one transaction."""

from __future__ import annotations

import hashlib
import logging
import sys
from pathlib import Path

import psycopg

from app.log import start_logging
from app.settings import Settings

_logger = logging.getLogger("app.migrate")
_MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
# Any number, the same in every process: two migrations at once take turns.
_LOCK = 7_243_316_201
_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class MigrationError(Exception):
    """A schema that can't be brought up to date: one sentence."""


def migrate(conn: psycopg.Connection, folder: Path) -> list[str]:
    """Apply what has not been applied and return its names.

    Raises MigrationError when a file that was applied has been changed or is gone, psycopg.Error when one fails; what
    came before it stays applied.
    """
    files = sorted(folder.glob("*.sql"))
    if not files:
        raise MigrationError(f"{folder} holds no migrations (*.sql)")
    conn.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    conn.execute(_TABLE)
    applied: dict[str, str] = dict(conn.execute("SELECT version, checksum FROM schema_migrations").fetchall())
    missing = sorted(applied.keys() - {path.name for path in files})
    if missing:
        raise MigrationError(f"the database is ahead of this code: {', '.join(missing)} was applied and is not here")
    return [path.name for path in files if _apply(conn, path, applied.get(path.name))]


def _apply(conn: psycopg.Connection, path: Path, known: str | None) -> bool:
    text = path.read_text(encoding="utf-8")
    checksum = hashlib.sha256(text.encode()).hexdigest()
    if known == checksum:
        return False
    if known is not None:
        raise MigrationError(f"{path.name} was changed after it had been applied; write a new migration instead")
    with conn.transaction():
        conn.execute(text.encode())
        conn.execute("INSERT INTO schema_migrations (version, checksum) VALUES (%s, %s)", (path.name, checksum))
    _logger.info("applied %s", path.name)
    return True


def main() -> int:
    """Migrate the database that the environment names; 1 when that is not possible."""
    settings = Settings.from_environment()
    # Building an index takes as long as it takes; waiting for a lock does not.
    arguments = settings.db_arguments("migrate") | {"options": "-c lock_timeout=60s"}
    try:
        with psycopg.connect(**arguments, autocommit=True) as conn:  # type: ignore[arg-type]
            done = migrate(conn, _MIGRATIONS)
    except (MigrationError, psycopg.Error, OSError) as problem:
        _logger.critical("migration stopped: %s", str(problem).strip())
        return 1
    _logger.info("schema is up to date, %d applied now", len(done))
    return 0


if __name__ == "__main__":
    start_logging()
    sys.exit(main())
