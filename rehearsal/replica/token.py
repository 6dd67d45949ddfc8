"""The token of a run, in both stores of its replica: what a drill may destroy is known by it, not by a flag."""

from __future__ import annotations

import secrets

import psycopg
import redis

from rehearsal.gateway.target import RefusedError, Target
from rehearsal.replica.protocol import Replica

DATABASE = "rehearsal"
KEY = "rehearsal:token"


def plant(target: Target, token: str) -> None:
    """Write the token into PostgreSQL (a database of its own) and Redis. Raises psycopg.Error, redis.RedisError."""
    with target.postgres("postgres") as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")
    with target.postgres(DATABASE) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS token (value text NOT NULL)")
        connection.execute("DELETE FROM token")
        connection.execute("INSERT INTO token VALUES (%s)", (token,))
    with target.redis() as client:
        client.set(KEY, token)


def verify(replica: Replica) -> None:
    """Refuse whatever does not carry this run's token in both stores. Raises RefusedError; then nothing was run."""
    for store, read in (("PostgreSQL", _in_postgres), ("Redis", _in_redis)):
        try:
            found = read(replica)
        except (psycopg.Error, redis.RedisError, OSError) as error:
            words = " ".join(str(error).split()) or type(error).__name__
            msg = (
                f"expected this run's token in {store} of {replica.name}, could not ask: {words}; the drill is refused"
            )
            raise RefusedError(msg) from None
        if not found or not secrets.compare_digest(found.encode(), replica.token.encode()):
            seen = "another token" if found else "no token"
            msg = f"expected this run's token in {store} of {replica.name}, found {seen}; the drill is refused"
            raise RefusedError(msg)


def _in_postgres(target: Target) -> str:
    with target.postgres(DATABASE) as connection:
        row = connection.execute("SELECT value FROM token").fetchone()
    return str(row[0]) if row else ""


def _in_redis(target: Target) -> str:
    with target.redis() as client:
        value = client.get(KEY)
    return value.decode() if isinstance(value, bytes) else ""
