from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.backups.examine import Contents, examine
from rehearsal.content.postgres import PostgresContent, plant
from rehearsal.content.postgres_values import RICH, contents
from tests.backups.dumps import dump
from tests.snapshot.servers import Postgres

OPTIONS = {
    "plain": [],
    "inserts": ["--inserts"],
    "many rows of an insert": ["--column-inserts", "--rows-per-insert=50"],
    "clean and create": ["--clean", "--create"],
    "clean if it exists": ["--clean", "--if-exists"],
    "schema only": ["--schema-only"],
    "data only": ["--data-only", "--disable-triggers"],
    "no dollar quotes": ["--disable-dollar-quoting"],
    "session authorization": ["--use-set-session-authorization"],
    "all names quoted": ["--quote-all-identifiers"],
    "as another role": ["--role=postgres"],
}
ROLES = ("snapshot_owner", "snapshot_app")
RICH_SQL = Path(__file__).parents[1] / "snapshot" / "gateway.sql"
AWKWARD_SQL = Path(__file__).parent / "awkward.sql"


def _examine(script: bytes, size: int = 1 << 16) -> Contents:
    return examine(script[at : at + size] for at in range(0, len(script), size))


@pytest.fixture(scope="session", params=["on", "off"], ids=["conforming", "not conforming"])
def rich(request: pytest.FixtureRequest, postgres: Postgres) -> str:
    """Make a database with objects of every kind and content that looks like attacks, and return its name."""
    name = postgres.create(f"rich_{request.param}")
    with postgres.connect("postgres") as connection:
        for role in ROLES:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                connection.execute(f"CREATE ROLE {role}".encode())
    with postgres.connect(name) as connection:
        connection.execute(AWKWARD_SQL.read_bytes())
        connection.execute(RICH_SQL.read_bytes())
        connection.execute("RESET search_path")
        plant(connection, RICH)
        connection.execute(
            f"ALTER ROLE postgres IN DATABASE {name} SET standard_conforming_strings = {request.param}".encode()
        )
    return name


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_honest_dump_is_not_accused(postgres: Postgres, rich: str, options: list[str]) -> None:
    """Nothing that pg_dump writes of an odd but honest database is refused, and all of it is read."""
    if "--create" in options:
        with postgres.connect("postgres") as connection:
            # Of which --create makes an ALTER ROLE … IN DATABASE that changes how strings are read.
            connection.execute(f"ALTER ROLE postgres IN DATABASE {rich} RESET ALL".encode())
            connection.execute(f"ALTER ROLE postgres IN DATABASE {rich} SET work_mem = '8MB'".encode())
    script = dump(postgres, rich, *options)
    seen = _examine(script)
    assert seen.hostile == []
    assert (seen.complete, seen.broken, seen.server_major) == (True, "", postgres.version)
    assert seen.statements > 150
    assert seen.databases == ({rich} if "--create" in options else set())
    if "--data-only" not in options:
        assert {"rehearsal_content.notes", "public.documents", "mail.companies"} <= seen.tables


def test_pieces_of_the_stream_do_not_matter(postgres: Postgres, rich: str) -> None:
    """The same is read of a dump in pieces of any size: nothing hides where two of them meet."""
    script = dump(postgres, rich, "--schema-only")
    whole = _examine(script, len(script))
    for size in (1, 2, 3, 1000, 4096):
        assert _examine(script, size) == whole
    assert whole.lines > 1000


@settings(max_examples=10, suppress_health_check=list(HealthCheck), database=None)
@given(planted=contents(), inserts=st.booleans())
def test_generated_content_is_not_accused(postgres: Postgres, planted: PostgresContent, *, inserts: bool) -> None:
    """Whatever rows, enum labels and documents hold, a dump of them is an ordinary dump."""
    if not postgres.connect("postgres").execute("SELECT 1 FROM pg_database WHERE datname = 'generated'").fetchone():
        postgres.create("generated")
    with postgres.connect("generated") as connection:
        plant(connection, planted)
    seen = _examine(dump(postgres, "generated", *(["--inserts"] if inserts else [])), 999)
    assert seen.hostile == []
    assert seen.complete
