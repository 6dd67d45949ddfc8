"""Sabotage of the queue's checks."""

import time

from checks.monitoring import test_queue as checked
from rehearsal.drills.mails import Mails
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.queue import held
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge


def test_healthy_queue_is_ok(judge: Judge) -> None:
    """A queue with a worker and nothing old in it is ok."""
    assert judge(checked.test_queue_consumed).outcome is Outcome.OK
    assert judge(checked.test_queue_age).outcome is Outcome.OK


def test_queue_without_worker_is_seen(replica: Replica, gateway: Gateway, judge: Judge) -> None:
    """Without a worker the queue is critical, though Redis and API are well."""
    Mails(replica, gateway).deliver("a mail while there is a worker")
    replica.stop("worker")
    assert judge(checked.test_queue_consumed).outcome is Outcome.CRITICAL


def test_paused_queue_is_seen(replica: Replica, gateway: Gateway, judge: Judge) -> None:
    """A queue that somebody paused and forgot is critical."""
    with held(replica, gateway.queue, timeout=30):
        assert judge(checked.test_queue_consumed).outcome is Outcome.CRITICAL
    assert judge(checked.test_queue_consumed).outcome is Outcome.OK


def test_old_jobs_are_seen(replica: Replica, gateway: Gateway, judge: Judge) -> None:
    """Jobs that wait longer than the objective are critical, with their age."""
    replica.stop("worker")
    mail = Mails(replica, gateway).offer("a mail that nobody sends")
    assert judge(checked.test_queue_age).outcome is Outcome.OK
    with replica.redis() as client:
        key = f"{gateway.queue.prefix}:{gateway.queue.name}:{mail.id}"
        assert client.exists(key)
        client.hset(key, "timestamp", int((time.time() - 600) * 1000))
    seen = judge(checked.test_queue_age)
    assert seen.outcome is Outcome.CRITICAL
    assert seen.record.measurements[0].value > 590
