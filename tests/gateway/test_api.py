"""The API accepts each mail once, refuses what is none, and says whether it is ready."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.gateway.conftest import Gateway
from tests.gateway.servers import PROMPTLY


def test_accepted_mail_has_a_row_and_a_job(gateway: Gateway) -> None:
    """What is answered with 202 stands in the outbox and waits in the queue, under one id."""
    gateway.start("api")
    answer = gateway.submit("key-1")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    mail_id = answer.json()["id"]
    assert gateway.row_state(mail_id) == "queued"
    assert gateway.redis.lrange(gateway.key("wait"), 0, -1) == [mail_id]


def test_same_key_is_the_same_mail(gateway: Gateway) -> None:
    """The same key again gives the same id and makes no second mail."""
    gateway.start("api")
    first = gateway.accepted("key-1")
    assert gateway.accepted("key-1") == first
    assert gateway.sql("SELECT count(*) FROM email_outbox") == [(1,)]


def test_same_key_at_once_is_one_mail(gateway: Gateway) -> None:
    """Sixteen clients with one key, all at once, get one id and make one mail."""
    gateway.start("api")
    with ThreadPoolExecutor(16) as clients:
        ids = set(clients.map(lambda _: gateway.accepted("key-1"), range(16)))
    assert len(ids) == 1
    assert gateway.sql("SELECT count(*) FROM email_outbox") == [(1,)]


def test_same_key_with_another_mail_is_refused(gateway: Gateway) -> None:
    """A key used again for another mail is an error of the client, not a mail that vanishes."""
    gateway.start("api")
    gateway.accepted("key-1", subject="first")
    assert gateway.submit("key-1", subject="second").status_code == httpx.codes.CONFLICT


def test_mail_without_key_is_refused(gateway: Gateway) -> None:
    """Without a key nobody could tell a repeated request from a new mail."""
    gateway.start("api")
    answer = httpx.post(f"http://127.0.0.1:{gateway.api_port}/v1/emails", json={})
    assert (answer.status_code, "Idempotency-Key" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"to": "nobody"}, "to"),
        ({"to": "a@example.org, b@example.org"}, "to"),
        ({"to": "a@example.org\r\nBcc: b@example.org"}, "to"),
        ({"subject": "one\r\nBcc: b@example.org"}, "subject"),
        ({"subject": "x" * 999}, "subject"),
        ({"text": None}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "\ud800"}, "text"),
    ],
    ids=["no-address", "two-addresses", "header-in-to", "header-in-subject", "long", "no-text", "nul", "surrogate"],
)
def test_what_is_no_mail_is_refused(gateway: Gateway, wrong: dict[str, Any], named: str) -> None:
    """A mail that can't be sent is refused with the name of what is wrong, and leaves no row."""
    gateway.start("api")
    answer = gateway.submit(**wrong)
    assert (answer.status_code, answer.json()["error"].split()[0]) == (422, named)
    assert gateway.sql("SELECT count(*) FROM email_outbox") == [(0,)]


def test_too_large_mail_is_refused(gateway: Gateway) -> None:
    """A body over the limit ends with 413."""
    gateway.start("api")
    assert gateway.submit(text="x" * 600_000).status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("mail_id", ["00000000-0000-0000-0000-000000000000", "nonsense"])
def test_unknown_mail_is_not_found(gateway: Gateway, mail_id: str) -> None:
    """The state of a mail that was never accepted is 404, not an empty answer."""
    gateway.start("api")
    assert gateway.ask(f"/v1/emails/{mail_id}").status_code == httpx.codes.NOT_FOUND


def test_readyz_asks_for_the_outbox(gateway: Gateway) -> None:
    """An API whose database has lost its tables is alive and not ready."""
    gateway.start("api")
    assert gateway.ask("/v1/health/readyz").json() == {"status": "ready", "postgres": "ok", "redis": "ok"}
    gateway.sql("DROP TABLE email_outbox CASCADE")
    answer = gateway.ask("/v1/health/readyz")
    assert (answer.status_code, answer.json()["postgres"]) == (503, "unavailable")
    assert gateway.ask("/v1/health/healthz").status_code == httpx.codes.OK


def test_api_ends_soon_after_sigterm(gateway: Gateway) -> None:
    """An orderly stop takes well under a second, idle connections or not, and is no alarm."""
    api = gateway.start("api")
    with httpx.Client() as client:
        client.get(f"http://127.0.0.1:{gateway.api_port}/v1/health/readyz")
        assert api.stop() < PROMPTLY
    assert "ERROR" not in api.output
