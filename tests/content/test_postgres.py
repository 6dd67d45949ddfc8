from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings

from rehearsal.content.postgres import PostgresContent, holds, is_planted_grant, plant
from rehearsal.content.postgres_values import RICH, contents
from rehearsal.snapshot.postgres import compare, take
from tests.snapshot.servers import Postgres


@given(content=contents())
@example(content=RICH)
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_content_is_planted_and_comes_back(postgres: Postgres, content: PostgresContent) -> None:
    """Whatever is generated, the server takes, and a dump and its restore bring it back without a difference."""
    database = postgres.create("planted")
    with postgres.connect(database) as connection:
        sentinel = plant(connection, content)
        assert holds(connection, sentinel)
        before = take(connection)
    assert before.rows["rehearsal_content.notes"].count == len(content.texts) + 1
    with postgres.connect(postgres.restore(database, "planted_restored")) as connection:
        assert holds(connection, sentinel)
        assert compare(before, take(connection)) == ()


def test_planted_again_replaces(postgres: Postgres) -> None:
    """A second content takes the place of the first one, whose sentinel is gone."""
    with postgres.connect(postgres.create("replanted")) as connection:
        first = plant(connection, PostgresContent())
        second = plant(connection, RICH)
        assert not holds(connection, first)
        assert holds(connection, second)


def test_lost_content_is_noticed(postgres: Postgres) -> None:
    """An empty database does not hold the sentinel."""
    with postgres.connect(postgres.create("empty_of_it")) as connection:
        assert not holds(connection, RICH.sentinel)


def test_sentinels_are_unique() -> None:
    """Two drills can't take each other's content for their own."""
    assert PostgresContent().sentinel != PostgresContent().sentinel


def test_a_copy_of_the_values_is_read_back(postgres: Postgres) -> None:
    """What stands in the tables is what was given, not something that resembles it."""
    with postgres.connect(postgres.create("readback")) as connection, connection.cursor() as cursor:
        plant(connection, RICH)
        cursor.execute("SELECT array_agg(body ORDER BY id) FROM rehearsal_content.notes WHERE id > 1")
        assert cursor.fetchone() == ([text or "" for text in RICH.texts],)
        cursor.execute("SELECT data FROM rehearsal_content.blobs ORDER BY ctid")
        assert [row[0] for row in cursor.fetchall() if isinstance(row, tuple)] == list(RICH.blobs)


@pytest.mark.parametrize("used", [0, 1, 4])
def test_sequence_stands_where_it_was_left(postgres: Postgres, used: int) -> None:
    """A sequence may be unused, used, and at its very end."""
    content = PostgresContent(sequence=type(RICH.sequence)(start=10, increment=-3, used=used))
    with postgres.connect(postgres.create("sequences")) as connection, connection.cursor() as cursor:
        plant(connection, content)
        cursor.execute("SELECT last_value, is_called FROM rehearsal_content.odd")
        assert cursor.fetchone() == (10 - 3 * max(used - 1, 0), used > 0)


def test_only_planted_grants_may_be_missed(postgres: Postgres) -> None:
    """What is granted on the gateway's own tables, and all else of what was planted, counts as ever."""
    with postgres.connect(postgres.create("granted")) as connection:
        connection.execute("CREATE TABLE companies (id int)")
        connection.execute("GRANT SELECT ON companies TO pg_monitor")
        plant(connection, RICH)
        before = take(connection)
        connection.execute("REVOKE ALL ON companies, rehearsal_content.notes FROM pg_monitor")
        connection.execute("DELETE FROM rehearsal_content.notes")
        found = [one.where for one in compare(before, take(connection))]
    planted = [where for where in found if is_planted_grant(where)]
    assert planted
    assert all("rehearsal_content" in where for where in planted)
    left = [where for where in found if where not in planted]
    assert any("grants on table public.companies" in where for where in left)
    assert any("rows of rehearsal_content.notes" in where for where in left)
