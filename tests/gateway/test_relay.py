"""Every mail that is still to be sent has a job, whatever happened to Redis, and none is sent twice."""

from __future__ import annotations

import time

import redis

from tests.gateway.conftest import Gateway
from tests.gateway.servers import until


def _sent(gateway: Gateway, mail_id: str) -> None:
    until("the mail", lambda: gateway.row_state(mail_id) == "sent")


def _forget(gateway: Gateway) -> None:
    for key in gateway.redis.scan_iter(f"{gateway.prefix}:*"):
        gateway.redis.delete(key)


def test_lost_queue_becomes_whole(gateway: Gateway) -> None:
    """Mails whose jobs were lost with Redis are sent, each once."""
    gateway.start("api")
    ids = {gateway.accepted() for _ in range(5)}
    _forget(gateway)
    gateway.start("worker")
    for mail_id in ids:
        _sent(gateway, mail_id)
    assert sorted(gateway.sink.ids()) == sorted(ids)


def test_older_queue_sends_nothing_again(gateway: Gateway) -> None:
    """A Redis restored to a time when a sent mail was waiting does not send it a second time."""
    gateway.start("api")
    mail_id = gateway.accepted()
    older = _dump(gateway)
    gateway.start("worker")
    _sent(gateway, mail_id)
    until("the job's end", lambda: gateway.redis.zscore(gateway.key("completed"), mail_id))
    _forget(gateway)
    _load(gateway, older)
    until("the old job's end", lambda: gateway.redis.zscore(gateway.key("completed"), mail_id))
    assert gateway.sink.ids() == [mail_id]


def test_older_row_is_reconciled_with_its_completed_job(gateway: Gateway) -> None:
    """A PostgreSQL restored to before the sending learns from the job that the mail is out, and sends nothing."""
    gateway.start("api")
    worker = gateway.start("worker")
    mail_id = gateway.accepted()
    _sent(gateway, mail_id)
    until("the job's end", lambda: gateway.redis.zscore(gateway.key("completed"), mail_id))
    gateway.sql("UPDATE email_outbox SET state = 'queued', sent_at = NULL, attempts = 0 WHERE id = %s", mail_id)
    _sent(gateway, mail_id)
    assert gateway.sink.ids() == [mail_id]
    assert ("reconciled",) in gateway.sql("SELECT type::text FROM email_events WHERE outbox_id = %s", mail_id)
    assert "not sent again" in worker.output


def test_failed_job_of_a_queued_mail_starts_again(gateway: Gateway) -> None:
    """A mail whose job failed, while its row says queued, gets a new job: so an operator has it tried again."""
    gateway.sink.answer = lambda: "550 mailbox full of bees"
    gateway.start("api")
    gateway.start("worker")
    mail_id = gateway.accepted()
    until("the failure", lambda: gateway.redis.zscore(gateway.key("failed"), mail_id))
    gateway.sink.reset()
    gateway.sql("UPDATE email_outbox SET state = 'queued', attempts = 0 WHERE id = %s", mail_id)
    _sent(gateway, mail_id)
    assert gateway.sink.ids() == [mail_id]


def test_completed_job_that_sent_nothing_starts_again(gateway: Gateway) -> None:
    """A job that ended because its row was away counts for nothing once the row is back."""
    gateway.start("api")
    mail_id = gateway.accepted()
    for table in ("idempotency_keys", "email_events"):
        gateway.sql(f"ALTER TABLE {table} DROP CONSTRAINT {table}_outbox_id_fkey")
    gateway.sql("CREATE TABLE aside AS SELECT * FROM email_outbox")
    gateway.sql("DELETE FROM email_outbox")
    gateway.start("worker")
    until("the job's end", lambda: gateway.redis.zscore(gateway.key("completed"), mail_id))
    assert gateway.sink.ids() == []
    gateway.sql("INSERT INTO email_outbox SELECT * FROM aside")
    _sent(gateway, mail_id)
    assert gateway.sink.ids() == [mail_id]


def test_job_that_is_in_no_list_starts_again(gateway: Gateway) -> None:
    """A queue that was damaged, its list of waiting jobs gone and the jobs still there, becomes whole again."""
    gateway.start("api")
    mail_id = gateway.accepted()
    gateway.redis.delete(gateway.key("wait"))
    gateway.start("worker")
    _sent(gateway, mail_id)
    assert gateway.sink.ids() == [mail_id]


def test_jobs_in_their_places_are_left_alone(gateway: Gateway) -> None:
    """The relay does not touch a job that waits for its next attempt."""
    gateway.sink.answer = lambda: "451 later"
    gateway.start("api", RETRY_DELAY_MS="60000")
    worker = gateway.start("worker")
    mail_id = gateway.accepted()
    until("the first attempt", lambda: gateway.sink.tried)
    time.sleep(2.5)  # two sweeps and more
    assert "has its job again" not in worker.output
    assert gateway.redis.zscore(gateway.key("delayed"), mail_id)
    assert gateway.sink.tried == 1


def _dump(gateway: Gateway) -> dict[bytes, bytes]:
    raw = redis.Redis(port=gateway.valkey.port)
    return {key: bytes(raw.dump(key)) for key in raw.scan_iter(f"{gateway.prefix}:*")}  # type: ignore[arg-type]


def _load(gateway: Gateway, keys: dict[bytes, bytes]) -> None:
    raw = redis.Redis(port=gateway.valkey.port)
    for key, value in keys.items():
        raw.restore(key, 0, value, replace=True)


def test_job_that_ends_during_a_sweep_is_left_alone(gateway: Gateway) -> None:
    """Mails that fail while the relay looks keep their failed jobs: their rows are asked again first."""
    gateway.sink.answer = lambda: "550 no such user"
    gateway.start("api")
    worker = gateway.start("worker")
    ids = {gateway.accepted() for _ in range(60)}
    until("the failures", lambda: gateway.redis.zcard(gateway.key("failed")) == len(ids))
    time.sleep(1.2)  # one more sweep
    assert set(gateway.redis.zrange(gateway.key("failed"), 0, -1)) == ids
    assert gateway.sink.tried == len(ids)
    assert "has its job again" not in worker.output
