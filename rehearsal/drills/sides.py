"""The two stores as a drill of backups knows them: what is planted before one, written meanwhile, and refused."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

import psycopg
from psycopg import sql

from rehearsal.drills.cut_session import session_cut
from rehearsal.drills.postgres_store import PostgresStore
from rehearsal.drills.redis_store import RedisStore
from rehearsal.drills.saving import rewriting, unsaved
from rehearsal.drills.stores import Store
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica

_BULK_BYTES = 1 << 21
"""Of noise, which no compression makes smaller: so much is in each backup, and so long it takes to write."""
_PIECE = 2048
_FIRST, _LAST = "aaa_rehearsal", "zzz_rehearsal"
"""Tables at both ends of an alphabetical order: what is dumped table by table has time between them."""


class Side(Protocol):
    """One store: what a drill writes into it, and how its password is changed."""

    @property
    def store(self) -> Store:
        """As the other drills know it."""
        ...

    @property
    def variables(self) -> tuple[str, ...]:
        """Of the environment that may hold its password."""
        ...

    def plant(self, replica: Replica, word: str) -> None:
        """Write a word that the next backup must hold."""
        ...

    def fill(self, replica: Replica) -> None:
        """Write noise, so that a backup takes its time and its room."""
        ...

    def writer(self, replica: Replica) -> AbstractContextManager[Callable[[str, str], object]]:
        """Offer what writes two words at the same moment."""
        ...

    def password(self, replica: Replica, password: str) -> AbstractContextManager[None]:
        """Give the server another password inside the block."""
        ...

    def own_troubles(self, replica: Replica) -> Mapping[str, AbstractContextManager[None]]:
        """Return what goes wrong in this store alone, each in words, as a block inside which it is so."""
        ...


@dataclass(frozen=True)
class PostgresSide:
    """PostgreSQL."""

    store: Store
    variables: tuple[str, ...]

    def plant(self, replica: Replica, word: str) -> None:
        """Write a row."""
        with replica.postgres() as connection:
            self._tables(connection)
            connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(sql.Identifier(_FIRST)), (word,))

    def fill(self, replica: Replica) -> None:
        """Write rows of noise."""
        with replica.postgres() as connection:
            self._tables(connection)
            noise = "SELECT encode(sha512(random()::text::bytea), 'base64') FROM generate_series(1, {})"
            rows = sql.SQL("INSERT INTO {} " + noise).format(sql.Identifier(_FIRST), _BULK_BYTES // 64)
            connection.execute(rows)

    @contextmanager
    def writer(self, replica: Replica) -> Iterator[Callable[[str, str], object]]:
        """Offer what writes a row into each of two tables, in one transaction."""
        with replica.postgres() as connection:
            self._tables(connection)
            both = [sql.SQL("INSERT INTO {} VALUES (%s)").format(sql.Identifier(name)) for name in (_FIRST, _LAST)]

            def write(one: str, other: str) -> None:
                with connection.transaction():
                    connection.execute(both[0], (one,))
                    connection.execute(both[1], (other,))

            yield write

    @contextmanager
    def password(self, replica: Replica, password: str) -> Iterator[None]:
        """Give the role another password, and then the old one again."""
        change = sql.SQL("ALTER ROLE {} PASSWORD {}")
        with replica.postgres("postgres") as connection:
            known = b"SELECT rolname, rolpassword FROM pg_authid WHERE rolname = current_user"
            user, hashed = connection.execute(known).fetchone() or ("", None)
            connection.execute(change.format(sql.Identifier(user), sql.Literal(password)))
            try:
                yield
            finally:
                connection.execute(change.format(sql.Identifier(user), sql.Literal(hashed)))

    def own_troubles(self, replica: Replica) -> Mapping[str, AbstractContextManager[None]]:
        """Return one: it ends the session of the backup half way, wherever pg_dump runs."""
        return {"PostgreSQL ends the backup's session half way": session_cut(replica)}

    def _tables(self, connection: psycopg.Connection) -> None:
        # In the gateway's own schema: a backup of that alone holds all that the gateway has.
        for name in (_FIRST, _LAST):
            connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} (word text)").format(sql.Identifier(name)))


@dataclass(frozen=True)
class RedisSide:
    """Redis."""

    store: Store
    variables: tuple[str, ...]

    def plant(self, replica: Replica, word: str) -> None:
        """Write a key: short ones stand in an RDB as they are."""
        with replica.redis() as client:
            client.set(word, "1")

    def fill(self, replica: Replica) -> None:
        """Write keys of noise."""
        with replica.redis() as client, client.pipeline(transaction=False) as pipeline:
            for number in range(_BULK_BYTES // _PIECE):
                pipeline.set(f"rehearsal:noise:{number}", os.urandom(_PIECE))
            pipeline.execute()

    @contextmanager
    def writer(self, replica: Replica) -> Iterator[Callable[[str, str], object]]:
        """Offer what writes two keys in one step."""
        with replica.redis() as client:
            yield lambda one, other: client.mset({one: "1", other: "1"})

    @contextmanager
    def password(self, replica: Replica, password: str) -> Iterator[None]:
        """Give the server another password, or a first one, and then the old one again."""
        with replica.redis() as client:
            known = client.config_get("requirepass").get("requirepass", "")
            client.config_set("requirepass", password)
            try:
                yield
            finally:
                client.config_set("requirepass", known)

    def own_troubles(self, replica: Replica) -> Mapping[str, AbstractContextManager[None]]:
        """Return two: it answers, and does not write what the backup copies."""
        return {
            "Redis can't save": unsaved(replica),
            "Redis is rewriting its log, and begins no save": rewriting(replica),
        }


def postgres_side(gateway: Gateway) -> PostgresSide:
    """Return PostgreSQL as this gateway describes it."""
    named = (gateway.postgres.password.env,) if gateway.postgres.password and gateway.postgres.password.env else ()
    return PostgresSide(PostgresStore(gateway.postgres.changing), ("DB_PASSWORD", "PGPASSWORD", *named))


def redis_side(gateway: Gateway) -> RedisSide:
    """Return Redis as this gateway describes it."""
    named = (gateway.redis.password.env,) if gateway.redis.password and gateway.redis.password.env else ()
    return RedisSide(RedisStore(gateway.queue, gateway.redis.changing), ("REDIS_PASSWORD", "REDISCLI_AUTH", *named))


def new_word() -> str:
    """Return a word of 14 letters and digits that is nowhere else, and so short that an RDB holds it as it is."""
    return f"R{secrets.token_hex(6)}x"


@contextmanager
def writing_pairs(side: Side, replica: Replica) -> Iterator[Callable[[bytes], tuple[int, int, int]]]:
    """Write two words at the same moment, again and again, until the block ends.

    What is yielded says of a backup's content how many pairs are whole in it, how many are not, and how many were
    written.
    """
    series, ended, written = new_word()[:9], threading.Event(), [0]
    problems: list[Exception] = []

    def run() -> None:
        try:
            with side.writer(replica) as write:
                while not ended.is_set():
                    write(f"{series}a{written[0]:05}", f"{series}b{written[0]:05}")
                    written[0] += 1
                    ended.wait(0.002)
        except Exception as error:  # noqa: BLE001  told below, in the thread that can tell it
            problems.append(error)

    def found(content: bytes) -> tuple[int, int, int]:
        ones, others = (_numbers(content, f"{series}{letter}".encode()) for letter in "ab")
        return len(ones & others), len(ones ^ others), written[0]

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()
    if problems or not written[0]:
        msg = f"expected {side.store.name} to be written to during the backup: {problems or 'nothing was written'}"
        raise TargetError(msg)


def _numbers(content: bytes, start: bytes) -> set[bytes]:
    return {piece[:5] for piece in content.split(start)[1:]}


def environment_with(side: Side, password: str) -> Mapping[str, str]:
    """Return the operator's variables for a password."""
    return dict.fromkeys(side.variables, password)
