"""Addresses of a live stack where those of a replica are expected: whatever is done to it, nothing arrives."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runs.running import Place, Run
from tests.safety.stack import Stack

DRILLS = ("-m", "drill", "-k", "total-loss")


def by_port(place: Place, stack: Stack) -> None:
    """Name host and port of the live servers."""
    ports = (("port = 5432", f"port = {stack.postgres_port}"), ("port = 6379", f"port = {stack.redis_port}"))
    place.edit("gateway.toml", *ports, ('host = "localhost"', 'host = "127.0.0.1"'))


def by_socket(place: Place, stack: Stack) -> None:
    """Name the folder of the live PostgreSQL's socket for its host."""
    folder = f"{stack.servers.box.view}/run/postgresql"
    ports = (("port = 5432", f"port = {stack.postgres_port}"), ('host = "localhost"', f'host = "{folder}"'))
    place.edit("gateway.toml", *ports)


def by_url(place: Place, stack: Stack) -> None:
    """Name the live nginx."""
    place.edit("gateway.toml", ('url = "http://localhost"', f'url = "http://127.0.0.1:{stack.web_port}"'))


def in_the_runbook(place: Place, stack: Stack) -> None:
    """Let the runbook's own commands go to the live PostgreSQL, with its password."""
    live = f'PGPASSWORD="$LIVE" psql -h 127.0.0.1 -p {stack.postgres_port} -U postgres -d email_gateway'
    marked = "\n".join((f"{live} -c 'DROP TABLE precious'", ""))
    text = (place.gateway / "RUNBOOK.md").read_text()
    heading = text.index("Restaurar PostgreSQL")
    block = text.index("```bash\n", heading) + len("```bash\n")
    (place.gateway / "RUNBOOK.md").write_text(text[:block] + marked + text[block:])


def drill(place: Place, stack: Stack, isolation: str) -> Run:
    """Run the drills that lose everything, with the live password at hand."""
    settings = {"REHEARSAL_REPLICA__ISOLATION": isolation, "REHEARSAL_REPLICA__READY_TIMEOUT_SECONDS": "10"}
    environment = {"GATEWAY_DB_PASSWORD": stack.password, "LIVE": stack.password}
    return place.rehearse(*DRILLS, environment=environment | settings)


@pytest.mark.parametrize(
    ("points", "isolation"),
    [
        (by_port, "namespaces"),
        (by_port, "plain"),
        (by_socket, "namespaces"),
        (by_socket, "plain"),
        (by_url, "namespaces"),
        (in_the_runbook, "namespaces"),
    ],
)
def test_drill_never_reaches_the_live_stack(
    points: Callable[[Place, Stack], None], isolation: str, place: Place, stack: Stack
) -> None:
    """A gateway directory that names the live stack costs it nothing: a drill has servers of its own, or none."""
    points(place, stack)
    before = stack.take()
    run = drill(place, stack, isolation)
    assert stack.changes(before) == []
    results = run.report["results"]
    assert len(results) == 2
    assert {one["target"].partition(" (")[0] for one in results} == {"replica of reference"}
    if points is by_url:
        assert {one["outcome"] for one in results} == {"unknown"}


def test_loss_of_the_live_stack_would_be_seen(stack: Stack) -> None:
    """The comparison that the tests above stand on names a dropped table and a lost key."""
    before = stack.take()
    with stack.servers.postgres() as connection, stack.servers.redis() as client:
        connection.execute("ALTER TABLE precious RENAME TO lost")
        client.rename("precious:1", "lost:1")
        changes = {change.where for change in stack.changes(before)}
        connection.execute("ALTER TABLE lost RENAME TO precious")
        client.rename("lost:1", "precious:1")
    assert any("precious" in where and "table" in where for where in changes), changes
    assert any("precious:1" in where for where in changes), changes
    assert stack.changes(before) == []
