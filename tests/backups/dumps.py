"""Dumps of a running PostgreSQL, by its own pg_dump."""

from __future__ import annotations

import subprocess

from tests.snapshot.servers import Postgres


def dump(server: Postgres, database: str, *options: str) -> bytes:
    """Dump a database as plain SQL."""
    at = ["-h", str(server.socket), "-U", "postgres", "-d", database]
    made = subprocess.run([server.programs / "pg_dump", *at, *options], check=True, capture_output=True, timeout=60)
    return made.stdout
