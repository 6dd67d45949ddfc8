"""PostgreSQL as a restore drill knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rehearsal.content import postgres as postgres_content
from rehearsal.damage.stores import damage_postgres, grow_postgres
from rehearsal.drills.stores import beside
from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import Difference
from rehearsal.snapshot import postgres as postgres_snapshot


@dataclass(frozen=True)
class PostgresStore:
    """PostgreSQL: the gateway's database."""

    changing: tuple[str, ...] = ()
    """Tables that the gateway writes by itself."""
    name = "PostgreSQL"
    service = "postgres"
    holds_the_mails = True

    def take(self, replica: Replica) -> postgres_snapshot.PostgresSnapshot:
        """Take a snapshot of the gateway's database."""
        with replica.postgres() as connection:
            return postgres_snapshot.take(connection)

    def begin(self, replica: Replica) -> Callable[[], postgres_snapshot.PostgresSnapshot]:
        """Take a snapshot in a thread: PostgreSQL keeps its moment while others go on."""

        def take(begun: Callable[[], None]) -> postgres_snapshot.PostgresSnapshot:
            with replica.postgres() as connection:
                return postgres_snapshot.take(connection, begun=begun)

        return beside(take)

    def compare(
        self,
        before: postgres_snapshot.PostgresSnapshot,
        after: postgres_snapshot.PostgresSnapshot,
        *,
        whole: bool = True,  # noqa: ARG002  definitions and sums are few: the whole takes no longer
    ) -> Sequence[Difference]:
        """Name the differences in definitions and rows."""
        return [one for one in self._all(before, after) if not postgres_content.is_planted_grant(one.where)]

    def doubts(
        self, before: postgres_snapshot.PostgresSnapshot, after: postgres_snapshot.PostgresSnapshot
    ) -> Sequence[Difference]:
        """Name the planted grants that differ: many a team dumps without grants, and has none."""
        return [one for one in self._all(before, after) if postgres_content.is_planted_grant(one.where)]

    def _all(
        self, before: postgres_snapshot.PostgresSnapshot, after: postgres_snapshot.PostgresSnapshot
    ) -> Sequence[Difference]:
        return postgres_snapshot.compare(before, after, changing=self.changing)

    def plant(self, replica: Replica, planted: postgres_content.PostgresContent) -> None:
        """Put generated content into a schema of its own."""
        with replica.postgres() as connection:
            postgres_content.plant(connection, planted)

    def damage(self, replica: Replica) -> str:
        """Drop, delete and alter some of what the database holds."""
        with replica.postgres() as connection:
            return damage_postgres(connection)

    def mark(self, replica: Replica) -> None:
        """Do nothing: the rows of a mail that was accepted after the backup tell."""

    def grow(self, replica: Replica, *, timeout: float) -> str:  # noqa: ARG002  it is done at once
        """Add a schema, tables, rows and a view."""
        with replica.postgres() as connection:
            return grow_postgres(connection)
