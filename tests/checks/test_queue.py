"""Sabotage of the queue's checks."""

import time
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("| E-mails esperando | mais de 500 | mais de 5000 | ver o worker |", Outcome.OK),
        ("| Fila | > 0 jobs | > 5000 jobs | ver o worker |", Outcome.WARNING),
        ("| Queue Age | > 5 s | > 1 min | ver o worker |", Outcome.CRITICAL),
        ("| Fila | > 10% | > 20% | ver o worker |", Outcome.UNKNOWN),
        ("| Fila | muitos | demais | ver o worker |", Outcome.UNKNOWN),
    ],
    ids=["few", "some", "old", "of what", "nonsense"],
)
def test_rows_for_the_queue_are_held(
    row: str, expected: Outcome, replica: Replica, gateway: Gateway, judge: Judge, tmp_path: Path
) -> None:
    """What the table says of the queue is held against the queue, exactly; what can't be read is unknown."""
    replica.stop("worker")
    mail = Mails(replica, gateway).offer("a mail that nobody sends")
    with replica.redis() as client:
        key = f"{gateway.queue.prefix}:{gateway.queue.name}:{mail.id}"
        client.hset(key, "timestamp", int((time.time() - 600) * 1000))
    last = next(line for line in judge.runbook.text.splitlines() if line.startswith("| Latência API"))
    seen = judge.reading(tmp_path, (last, f"{last}\n{row}"))(checked.test_queue_within_the_table)
    assert seen.outcome is expected, seen.message


def test_table_without_the_queue_asks_for_nothing(judge: Judge) -> None:
    """A document whose table has no row for the queue promises nothing of it there."""
    assert judge(checked.test_queue_within_the_table).outcome is Outcome.NOT_APPLICABLE
