"""Sabotage of what PostgreSQL keeps: settings and tables with which it forgets."""

from __future__ import annotations

import pytest

from checks.monitoring import test_keeping as checked
from rehearsal.gateway.postgres_keeping import PostgresKeeping
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

_UNDO = "ALTER SYSTEM RESET ALL"
SABOTAGES = {
    "confirms before it has written": (
        ["ALTER DATABASE email_gateway SET synchronous_commit = off"],
        "ALTER DATABASE email_gateway RESET ALL",
        Outcome.WARNING,
        "synchronous_commit = off",
    ),
    "a table that a crash empties": (
        ["CREATE UNLOGGED TABLE waiting_mails (id int)"],
        "DROP TABLE waiting_mails",
        Outcome.WARNING,
        "waiting_mails",
    ),
    "half written pages": (
        ["ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.5)"],
        _UNDO,
        Outcome.CRITICAL,
        "full_page_writes = off",
    ),
    "damaged rows thrown away": (
        ["ALTER DATABASE email_gateway SET zero_damaged_pages = on"],
        "ALTER DATABASE email_gateway RESET ALL",
        Outcome.CRITICAL,
        "zero_damaged_pages = on",
    ),
}


@pytest.mark.parametrize(("change", "undo", "outcome", "words"), SABOTAGES.values(), ids=SABOTAGES)
def test_forgetting_server_is_seen(
    change: list[str], undo: str, outcome: Outcome, words: str, replica: Replica, judge: Judge
) -> None:
    """A server that may forget is told; the healthy one is not."""
    assert judge(checked.test_postgres_keeps_what_it_takes).outcome is Outcome.OK
    with replica.postgres() as connection:
        for statement in change:
            connection.execute(statement.encode())
    seen = judge(checked.test_postgres_keeps_what_it_takes)
    with replica.postgres() as connection:
        connection.execute(undo.encode())
        connection.execute("SELECT pg_reload_conf()")
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


def test_host_without_fsync_is_critical_and_a_replica_is_not() -> None:
    """A replica writes without fsync of its own will: it ends with its machine."""
    settings = {"fsync": "off", "full_page_writes": "on", "zero_damaged_pages": "off", "synchronous_commit": "on"}
    assert [*PostgresKeeping(settings, (), is_replica=False).faults]
    assert not [*PostgresKeeping(settings, (), is_replica=True).faults]
