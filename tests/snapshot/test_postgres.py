from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg.rows import tuple_row

from rehearsal.content.postgres import plant
from rehearsal.content.postgres_values import RICH
from rehearsal.snapshot import SnapshotError, rows
from rehearsal.snapshot.postgres import PostgresSnapshot, compare, read, take
from tests.snapshot import sabotages
from tests.snapshot.sabotages import Sabotage
from tests.snapshot.servers import Postgres

_SABOTAGES = sabotages.read("sabotages.sql")
_GLOBAL = sabotages.read("global_sabotages.sql")
_ROLES = ("snapshot_owner", "snapshot_app", "snapshot_member")


@pytest.fixture(scope="session")
def original(postgres: Postgres) -> tuple[str, PostgresSnapshot]:
    """Make a database with everything in it; return its name and its snapshot."""
    with postgres.connect("postgres") as connection:
        for role in _ROLES:
            connection.execute(f"CREATE ROLE {role}")
        connection.execute("GRANT snapshot_app TO snapshot_member")
        connection.execute("ALTER ROLE snapshot_app SET work_mem = '8MB'")
    database = postgres.create("original")
    with postgres.connect(database) as connection:
        connection.execute((Path(__file__).parent / "gateway.sql").read_bytes())
        connection.execute("RESET search_path")
        plant(connection, RICH)
        snapshot = take(connection)
    return database, snapshot


def _take(postgres: Postgres, database: str) -> PostgresSnapshot:
    with postgres.connect(database) as connection:
        return take(connection)


def test_restored_dump_shows_no_difference(postgres: Postgres, original: tuple[str, PostgresSnapshot]) -> None:
    """What pg_dump and psql bring back whole is not called different: a false alarm costs trust."""
    database, before = original
    assert len(before.definitions) > 300
    assert sum(rows.count for rows in before.rows.values()) > 100
    after = _take(postgres, postgres.restore(database, "restored"))
    assert compare(before, after) == ()
    again = _take(postgres, postgres.restore("restored", "restored_again"))
    assert compare(after, again) == ()


def test_catalogue_is_whole() -> None:
    """The files of sabotages were read to their ends."""
    assert len(_SABOTAGES) > 90
    assert len(_GLOBAL) > 7


@pytest.mark.parametrize("sabotage", _SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_sabotage_is_named(postgres: Postgres, original: tuple[str, PostgresSnapshot], sabotage: Sabotage) -> None:
    """Each change is told, with the name of what was changed; all of it is rolled back."""
    database, before = original
    with postgres.connect(database) as connection, connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute("BEGIN")
        cursor.execute(sabotage.statements)
        found = compare(before, read(cursor, ()))
        cursor.execute("ROLLBACK")
    assert any(difference.where == sabotage.where for difference in found), found
    assert all(difference.expected != difference.observed for difference in found)


def test_rows_of_an_older_server_are_compared(
    postgres: Postgres, original: tuple[str, PostgresSnapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that hashes no records (before PostgreSQL 14) is asked for their text, and each change is told."""
    monkeypatch.setattr(rows, "_HASHES_RECORDS", 1_000_000)
    with postgres.connect(original[0]) as connection, connection.cursor(row_factory=tuple_row) as cursor:
        before = take(connection)
        for sabotage in _SABOTAGES:
            if sabotage.where.startswith(("rows of", "large objects")):
                cursor.execute("BEGIN")
                cursor.execute(sabotage.statements)
                found = compare(before, read(cursor, ()))
                cursor.execute("ROLLBACK")
                assert any(difference.where == sabotage.where for difference in found), sabotage.name
        assert compare(before, take(connection)) == ()


@pytest.mark.parametrize("sabotage", _GLOBAL, ids=lambda sabotage: sabotage.name)
def test_sabotage_of_what_no_dump_holds_is_named(
    postgres: Postgres, original: tuple[str, PostgresSnapshot], sabotage: Sabotage
) -> None:
    """Roles, their settings and memberships, and the database's own settings are compared, too."""
    assert original[1].definitions["role", "snapshot_app"]
    with postgres.connect(postgres.create("with_globals")) as connection:
        before = take(connection)
        connection.execute(sabotage.statements)
        try:
            after = take(connection)
        finally:
            connection.execute(sabotage.undo)
        assert [difference.where for difference in compare(before, after)] == [sabotage.where]
        assert compare(before, take(connection)) == ()


def test_lost_table_is_told_once(postgres: Postgres, original: tuple[str, PostgresSnapshot]) -> None:
    """A reader is not buried under each column and constraint of a table that is gone as a whole."""
    database, before = original
    copy = postgres.create("sabotaged", like=database)
    with postgres.connect(copy) as connection:
        connection.execute("DROP TABLE mail.measured")
        found = compare(before, take(connection))
    assert [difference.where for difference in found] == ["table mail.measured"]
    assert found[0].expected.endswith("3 rows")
    assert found[0].observed == "absent"


def test_changing_tables_are_not_compared_but_for_their_loss(
    postgres: Postgres, original: tuple[str, PostgresSnapshot]
) -> None:
    """Rows that the gateway writes by itself do not show; that a table has lost all of them does."""
    database, before = original
    copy = postgres.create("sabotaged", like=database)
    with postgres.connect(copy) as connection:
        connection.execute("UPDATE mail.companies SET score = 9 WHERE id = 8")
        connection.execute("DELETE FROM mail.measured WHERE ctid = (SELECT min(ctid) FROM mail.measured)")
        changed = take(connection)
        assert {one.where for one in compare(before, changed)} == {"rows of mail.companies", "rows of mail.measured"}
        assert [one.where for one in compare(before, changed, changing=["mail.comp*"])] == ["rows of mail.measured"]
        assert compare(before, changed, changing=["mail.*"]) == ()
        connection.execute("DELETE FROM mail.measured")
        emptied = compare(before, take(connection), changing=["mail.*"])
    assert [(one.where, one.observed.split(";")[0]) for one in emptied] == [("rows of mail.measured", "0 rows")]


def test_differing_rows_are_named(postgres: Postgres, original: tuple[str, PostgresSnapshot]) -> None:
    """Rows of a table that is not large are named by their key, lost, new and changed apart."""
    database, before = original
    copy = postgres.create("sabotaged", like=database)
    with postgres.connect(copy) as connection:
        connection.execute("DELETE FROM mail.companies WHERE id = 7")
        connection.execute("UPDATE mail.companies SET score = 9 WHERE id = 8")
        connection.execute("UPDATE mail.companies SET id = 999 WHERE id = 9")
        found = compare(before, take(connection))
    (rows,) = [difference for difference in found if difference.where == "rows of mail.companies"]
    assert (rows.expected, rows.observed) == (
        "50 rows",
        "49 rows; lost: id=7; id=9; new: id=999; changed: id=8",
    )


def test_ignored_schema_is_left_out(postgres: Postgres) -> None:
    """What is in an ignored schema is not compared; what is beside it is."""
    database = postgres.create("ignoring")
    with postgres.connect(database) as connection:
        before = take(connection, ignore_schemas=['odd "{name}"'])
        connection.execute('CREATE SCHEMA "odd ""{name}""" CREATE TABLE t (id serial)')
        assert compare(before, take(connection, ignore_schemas=['odd "{name}"'])) == ()
        assert compare(before, take(connection)) != ()


def test_nothing_of_the_connection_is_left_changed(postgres: Postgres) -> None:
    """A snapshot sets what it needs for its own transaction only."""
    with postgres.connect(postgres.create("untouched")) as connection:
        before = connection.execute("SELECT name, setting FROM pg_settings ORDER BY 1").fetchall()
        take(connection)
        assert connection.execute("SELECT name, setting FROM pg_settings ORDER BY 1").fetchall() == before


def test_settings_of_the_session_do_not_matter(postgres: Postgres, original: tuple[str, PostgresSnapshot]) -> None:
    """Two operators with other time zones and formats see the same database."""
    database, before = original
    with postgres.connect(
        database, options="-c TimeZone=Asia/Tokyo -c DateStyle=German -c bytea_output=escape"
    ) as other:
        other.execute("SET extra_float_digits = -5")
        other.execute("SET search_path = mail")
        assert compare(before, take(other)) == ()


def test_unreadable_page_is_an_error(postgres: Postgres) -> None:
    """A page that can't be read makes no snapshot: what could not be seen is never the same."""
    database = postgres.create("decaying")
    with postgres.connect(database) as connection:
        connection.execute("CREATE TABLE t AS SELECT repeat('x', 100) AS x FROM generate_series(1, 1000)")
        connection.execute("CHECKPOINT")
        with connection.cursor(row_factory=tuple_row) as cursor:
            (path,) = cursor.execute("SELECT pg_relation_filepath('t')").fetchone() or ("",)
    with (postgres.socket / "data" / path).open("r+b") as file:
        file.write(b"\xff" * 100)
    # The server has the page in memory; a copy of the files has to be read.
    with postgres.connect("postgres") as connection:
        connection.execute("CREATE DATABASE decayed TEMPLATE decaying STRATEGY file_copy")
    with (
        postgres.connect("decayed") as connection,
        pytest.raises(SnapshotError, match="decayed could not be read whole: invalid page in block 0"),
    ):
        take(connection)


def test_missing_permission_is_an_error(postgres: Postgres) -> None:
    """A table that this user may not read is not passed over."""
    database = postgres.create("forbidden")
    with postgres.connect(database) as connection:
        connection.execute("CREATE TABLE t (id integer)")
        connection.execute("SET SESSION AUTHORIZATION snapshot_app")
        with pytest.raises(SnapshotError, match="permission denied"):
            take(connection)


def test_time_limit_is_an_error(postgres: Postgres) -> None:
    """A table that takes longer than the connection allows makes no snapshot."""
    with postgres.connect(postgres.create("slow")) as connection:
        connection.execute(
            "CREATE FUNCTION slow() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1 FROM pg_sleep(5)'"
        )
        connection.execute("CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
        connection.execute("SET statement_timeout = '3ms'")
        with pytest.raises(SnapshotError, match="statement timeout"):
            take(connection)


def test_open_transaction_is_refused(postgres: Postgres) -> None:
    """A connection inside a transaction would see that transaction's past."""
    with psycopg.connect(f"host={postgres.socket} user=postgres dbname=postgres") as connection:
        connection.execute("SELECT 1")
        with pytest.raises(SnapshotError, match="inside one"):
            take(connection)


def test_secret_of_a_user_mapping_is_not_kept(original: tuple[str, PostgresSnapshot]) -> None:
    """A password in the catalog shows as changed when it has changed, and never itself."""
    _, snapshot = original
    mapping = snapshot.definitions["user mapping", "snapshot_app on server remote"]
    assert mapping.text.startswith("password #")
    assert not any("sentinel-of-a-secret" in definition.text for definition in snapshot.definitions.values())
