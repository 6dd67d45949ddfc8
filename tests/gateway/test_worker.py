"""The worker sends each mail once, tries again what was not taken, and gives up what never will be."""

from __future__ import annotations

import time

from tests.gateway.conftest import Gateway
from tests.gateway.servers import PROMPTLY, until


def test_accepted_mail_is_sent_once_with_its_id(gateway: Gateway) -> None:
    """An accepted mail arrives once, under its outbox id, and row, log and events say so."""
    gateway.start("api")
    worker = gateway.start("worker")
    mail_id = gateway.accepted(subject="Relatório diário ✓", text="Linha um\nção\n")
    until("the mail", lambda: gateway.row_state(mail_id) == "sent")
    assert gateway.sink.ids() == [mail_id]
    mail = gateway.sink.mails[0]
    assert str(mail["To"]) == "reader@example.org"
    assert gateway.sql("SELECT type::text FROM email_events ORDER BY id") == [("queued",), ("sent",)]
    assert gateway.sql("SELECT attempt, outcome::text, smtp_code FROM email_logs") == [(1, "accepted", 250)]
    answer = gateway.ask(f"/v1/emails/{mail_id}").json()
    assert (answer["state"], answer["attempts"]) == ("sent", 1)
    assert worker.stop() < PROMPTLY
    assert "ERROR" not in worker.output


def test_deferred_mail_is_tried_again_and_sent(gateway: Gateway) -> None:
    """A mail that the SMTP server does not take now is sent by a later attempt."""
    replies = iter(["451 later", "451 later"])
    gateway.sink.answer = lambda: next(replies, None)
    gateway.start("api")
    gateway.start("worker")
    mail_id = gateway.accepted()
    until("the mail", lambda: gateway.row_state(mail_id) == "sent")
    assert gateway.sink.ids() == [mail_id]
    outcomes = gateway.sql("SELECT attempt, outcome::text FROM email_logs ORDER BY attempt")
    assert outcomes == [(1, "deferred"), (2, "deferred"), (3, "accepted")]


def test_refused_mail_fails_at_once(gateway: Gateway) -> None:
    """A mail that the SMTP server refuses for good is not tried again."""
    gateway.sink.answer = lambda: "550 no such user"
    gateway.start("api")
    gateway.start("worker")
    mail_id = gateway.accepted()
    until("the failure", lambda: gateway.row_state(mail_id) == "failed")
    until("the failed job", lambda: gateway.redis.zscore(gateway.key("failed"), mail_id))
    assert gateway.sink.tried == 1
    assert "550 no such user" in gateway.ask(f"/v1/emails/{mail_id}").json()["last_failure"]


def test_mail_is_given_up_after_five_attempts(gateway: Gateway) -> None:
    """Five attempts are made, not four and not six, and then the mail has failed."""
    gateway.sink.answer = lambda: "451 later"
    gateway.start("api")
    gateway.start("worker")
    mail_id = gateway.accepted()
    until("the failure", lambda: gateway.row_state(mail_id) == "failed", 30)
    time.sleep(1.5)  # a relay that mistook it for lost would have given it a job by now
    assert gateway.sink.tried == 5


def test_job_without_a_mail_ends_with_a_warning(gateway: Gateway) -> None:
    """A job whose row a restore has taken away is told of and ended, and the next job is done."""
    gateway.start("api")
    lost = gateway.accepted()
    gateway.sql("DELETE FROM email_outbox WHERE id = %s", lost)
    kept = gateway.accepted()
    worker = gateway.start("worker")
    until("the other mail", lambda: gateway.row_state(kept) == "sent")
    until("the warning", lambda: f"job {lost} has no mail" in worker.output)
    assert gateway.sink.ids() == [kept]
