"""A stack that plays the live one: it listens on loopback, and no run of these tests has made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.drills.postgres_store import PostgresStore
from rehearsal.drills.redis_store import RedisStore
from rehearsal.drills.stores import Store
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.snapshot import Difference


@dataclass(frozen=True)
class Stack:
    """Real servers on free ports of loopback, with something in them to lose."""

    servers: ProcessReplica

    def fill(self) -> None:
        """Put a row and a key there that no run of a test knows."""
        with self.servers.postgres() as connection:
            connection.execute("CREATE TABLE precious (id int PRIMARY KEY, name text)")
            connection.execute("INSERT INTO precious SELECT n, 'row ' || n FROM generate_series(1, 500) n")
        with self.servers.redis() as client:
            client.mset({f"precious:{number}": "value" for number in range(500)})

    def take(self) -> list[tuple[Store, Any]]:
        """Take a snapshot of both stores."""
        stores: tuple[Store, ...] = (PostgresStore(), RedisStore(self.servers.gateway.queue))
        return [(store, store.take(self.servers)) for store in stores]

    def changes(self, before: Sequence[tuple[Store, Any]]) -> list[Difference]:
        """Name what is different from an earlier snapshot."""
        return [one for store, taken in before for one in store.compare(taken, store.take(self.servers))]

    @property
    def postgres_port(self) -> int:
        """Where its PostgreSQL listens."""
        return self.servers.blueprint.ports.postgres

    @property
    def redis_port(self) -> int:
        """Where its Redis listens."""
        return self.servers.blueprint.ports.redis

    @property
    def web_port(self) -> int:
        """Where its nginx listens for plain HTTP."""
        return self.servers.blueprint.ports.web[80]

    @property
    def password(self) -> str:
        """The password of its PostgreSQL."""
        return self.servers.blueprint.secrets.postgres
