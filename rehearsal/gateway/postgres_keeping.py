"""Whether PostgreSQL keeps what it has confirmed, also through a crash or a power cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.gateway.stores import asking_postgres
from rehearsal.gateway.target import Target

_LOSE_ALL = ("fsync", "full_page_writes")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class PostgresKeeping:
    """The settings of a session, and the tables that a crash empties."""

    settings: dict[str, str]
    unlogged: tuple[str, ...]
    is_replica: bool

    @property
    def faults(self) -> Iterator[str]:
        """What may cost all data, each in a sentence. A replica writes without fsync: it ends with its machine."""
        for name in _LOSE_ALL[1 if self.is_replica else 0 :]:
            if self.settings[name] == "off":
                yield f"PostgreSQL runs with {name} = off: a power cut may cost all of its data"
        if self.settings["zero_damaged_pages"] == "on":
            yield "PostgreSQL runs with zero_damaged_pages = on: it throws damaged rows away, and says nothing"

    @property
    def doubts(self) -> Iterator[str]:
        """What a crash may cost, each in a sentence."""
        if self.settings["synchronous_commit"] == "off":
            yield (
                "PostgreSQL confirms before it has written (synchronous_commit = off):"
                " a crash loses the last mails that were accepted"
            )
        if self.unlogged:
            named = ", ".join(self.unlogged[:_NAMED])
            yield f"{len(self.unlogged)} tables are UNLOGGED, and empty after a crash: {named}"


def ask_postgres_keeping(target: Target) -> PostgresKeeping:
    """Ask for what the gateway's user gets in its database. Raises NoAnswerError with the server's own words."""
    names = [*_LOSE_ALL, "zero_damaged_pages", "synchronous_commit"]
    with asking_postgres(target, "say how it keeps its data") as connection:
        settings = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [names]).fetchall()
        unlogged = connection.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relpersistence = 'u' AND relkind IN ('r', 'p') ORDER BY 1"
        ).fetchall()
    return PostgresKeeping(
        dict.fromkeys(names, "on") | {"zero_damaged_pages": "off"} | dict(settings),
        tuple(name for (name,) in unlogged),
        target.is_replica,
    )
