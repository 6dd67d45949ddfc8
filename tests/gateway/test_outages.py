"""API and worker outlive PostgreSQL and Redis, start before them, and lose and repeat nothing in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.gateway.conftest import Gateway, migrate
from tests.gateway.servers import Postgres, Valkey, until
from tests.gateway.sink import slow


@pytest.fixture
def alone(gateway: Gateway, short_folder: Path, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """Return a gateway with a PostgreSQL and a Valkey of its own, for tests that stop them."""
    folder = short_folder / request.node.name[:20]
    (folder / "v").mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "p").mkdir(mode=0o755)
    postgres, valkey = Postgres(folder / "p"), Valkey(folder / "v")
    made = replace(gateway, postgres=postgres, valkey=valkey, database="email_gateway", servers=[])
    try:
        postgres.start()
        valkey.start()
        postgres.ready()
        with postgres.connect() as conn:
            conn.execute("CREATE DATABASE email_gateway")
        migrate(postgres, "email_gateway")
        valkey.ready()
        yield made
    finally:
        for server in [*made.servers, postgres, valkey]:
            server.kill()


def _ready(gateway: Gateway) -> bool:
    return gateway.ask("/v1/health/readyz").status_code == 200


def test_services_start_before_their_servers(alone: Gateway) -> None:
    """API and worker started while PostgreSQL and Redis are down serve as soon as these are up."""
    alone.postgres.stop()
    alone.valkey.stop()
    alone.start("api")
    alone.start("worker")
    assert alone.ask("/v1/health/readyz").json() == {
        "status": "unavailable",
        "postgres": "unavailable",
        "redis": "unavailable",
    }
    alone.postgres.start()
    alone.valkey.start()
    until("readiness", lambda: _ready(alone), 5)
    mail_id = alone.accepted()
    until("the mail", lambda: alone.row_state(mail_id) == "sent", 5)


def test_postgres_outage_refuses_and_recovers(alone: Gateway) -> None:
    """Without PostgreSQL a mail is refused with 503, not lost; afterwards everything works as before."""
    alone.start("api")
    worker = alone.start("worker")
    until("readiness", lambda: _ready(alone))
    alone.postgres.stop()
    answer = alone.submit("key-1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    time.sleep(3)
    alone.postgres.start()
    until("readiness", lambda: _ready(alone), 5)
    mail_id = alone.accepted("key-1")
    until("the mail", lambda: alone.row_state(mail_id) == "sent", 5)
    assert alone.sink.ids() == [mail_id]
    assert worker.output.count("does not answer") == 1


def test_redis_outage_delays_mails_and_loses_none(alone: Gateway) -> None:
    """Without Redis mails are accepted all the same and sent when it is back, each once."""
    alone.start("api")
    alone.start("worker")
    until("readiness", lambda: _ready(alone))
    first = alone.accepted()
    until("the mail", lambda: alone.row_state(first) == "sent")
    alone.valkey.stop()
    ids = [alone.accepted() for _ in range(3)]
    assert not _ready(alone)
    time.sleep(2)
    alone.valkey.start()
    for mail_id in ids:
        until("the mail", lambda mail_id=mail_id: alone.row_state(mail_id) == "sent", 8)  # type: ignore[misc]
    assert sorted(alone.sink.ids()) == sorted([first, *ids])


def test_frozen_servers_do_not_hang_readyz(alone: Gateway) -> None:
    """A PostgreSQL or Redis that holds its connections open and answers nothing makes the API unready within 3 s."""
    alone.start("api")
    until("readiness", lambda: _ready(alone))
    for server in (alone.postgres, alone.valkey):
        server.freeze(frozen=True)
        started = time.monotonic()
        assert not _ready(alone)
        assert time.monotonic() - started < 3
        server.freeze(frozen=False)
        until("readiness", lambda: _ready(alone), 20)


def test_postgres_gone_between_smtp_and_commit_sends_once(alone: Gateway) -> None:
    """A mail that the SMTP server took while PostgreSQL went away is not sent again."""
    alone.sink.answer = slow(1.5)
    alone.start("api")
    alone.start("worker")
    until("readiness", lambda: _ready(alone))
    mail_id = alone.accepted()
    until("the sending", lambda: alone.sink.tried)
    alone.postgres.stop()
    until("the mail in the sink", alone.sink.ids)
    alone.postgres.start()
    until("the row", lambda: alone.row_state(mail_id) == "sent", 20)
    assert alone.sink.ids() == [mail_id]


def test_killed_worker_is_replaced_soon(gateway: Gateway) -> None:
    """A job that a killed worker had in hand is taken up by the next worker within ten seconds."""
    gateway.sink.answer = slow(2, "451 later")
    gateway.start("api")
    worker = gateway.start("worker")
    mail_id = gateway.accepted()
    until("the sending", lambda: gateway.sink.tried)
    worker.kill()
    gateway.sink.reset()
    gateway.start("worker")
    until("the mail", lambda: gateway.row_state(mail_id) == "sent", 10)
    assert gateway.sink.ids() == [mail_id]


def test_stopped_worker_finishes_what_it_has_begun(gateway: Gateway) -> None:
    """An orderly stop in the middle of a sending waits for it: the mail is out once and its row says so."""
    gateway.sink.answer = slow(1)
    gateway.start("api")
    worker = gateway.start("worker")
    mail_id = gateway.accepted()
    until("the sending", lambda: gateway.sink.tried)
    worker.stop()
    assert gateway.row_state(mail_id) == "sent"
    assert gateway.sink.ids() == [mail_id]
