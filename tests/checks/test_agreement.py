"""Sabotage of the agreement of both stores."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from bullmq import Queue  # type: ignore[import-untyped]  # ships no types

from checks.backups.test_agreement import test_restored_stores_agree as restored_agree
from checks.monitoring.test_agreement import test_stores_agree as stores_agree
from rehearsal.asynchronous import asynchronous
from rehearsal.drills.mails import Mails
from rehearsal.gateway.description import Gateway
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

OLD = b"UPDATE email_outbox SET created_at = now() - interval '10 minutes'"


def _add(replica: Replica, gateway: Gateway, job: str) -> None:
    async def add() -> None:
        with replica.redis() as client:
            queue = Queue(gateway.queue.name, {"connection": asynchronous(client), "prefix": gateway.queue.prefix})
            await queue.add("send", {}, {"jobId": job})
            await queue.close()

    asyncio.run(add())


def test_agreeing_stores_are_ok(replica: Replica, gateway: Gateway, judge: Judge) -> None:
    """Mails that were sent, and one that waits with its job, however long, are no disagreement."""
    Mails(replica, gateway).deliver("a mail that is sent")
    replica.stop("worker")
    Mails(replica, gateway).offer("a mail that waits")
    with replica.postgres() as connection:
        connection.execute(OLD)
    seen = judge(stores_agree)
    assert seen.outcome is Outcome.OK, seen.message
    assert "1 mails to be sent, 1 open jobs" in seen.message


def test_mail_without_job_is_seen(replica: Replica, gateway: Gateway, judge: Judge) -> None:
    """A mail whose job is gone is critical once it should have been sent; before that it may be on its way."""
    Mails(replica, gateway).deliver("a mail that is sent")
    replica.stop("worker")
    mail = Mails(replica, gateway).offer("a mail whose job is lost")
    with replica.redis() as client:
        client.delete(*client.keys(f"{gateway.queue.prefix}:{gateway.queue.name}:wait"))
    assert judge(stores_agree).outcome is Outcome.OK
    with replica.postgres() as connection:
        connection.execute(OLD)
    seen = judge(stores_agree)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert mail.id in seen.message


def test_job_without_mail_is_seen(replica: Replica, gateway: Gateway, judge: Judge) -> None:
    """A job about no mail is told; one of another kind, in the same queue, is none."""
    Mails(replica, gateway).deliver("a mail that is sent")
    replica.stop("worker")
    _add(replica, gateway, "repeat-every-hour")
    assert judge(stores_agree).outcome is Outcome.OK
    _add(replica, gateway, str(uuid.uuid4()))
    seen = judge(stores_agree)
    assert seen.outcome is Outcome.WARNING, seen.message


def test_queue_of_other_ids_is_not_accused(replica: Replica, gateway: Gateway, judge: Judge) -> None:
    """Where jobs bear other ids than rows nothing is said against them, unless gateway.toml says that they do not."""
    replica.stop("worker")
    mail = Mails(replica, gateway).offer("a mail")
    with replica.redis() as client:
        client.delete(*client.keys(f"{gateway.queue.prefix}:{gateway.queue.name}:*"))
    _add(replica, gateway, str(uuid.uuid4()))
    with replica.postgres() as connection:
        connection.execute(OLD)
    seen = judge(stores_agree)
    assert seen.outcome is Outcome.NOT_APPLICABLE, (seen.message, mail)


def test_other_schema_is_not_accused(replica: Replica, judge: Judge) -> None:
    """A gateway whose mails stand in another table is not held against one that it does not have."""
    with replica.postgres() as connection:
        connection.execute("ALTER TABLE email_outbox RENAME TO mails")
    seen = judge(stores_agree)
    assert seen.outcome is Outcome.NOT_APPLICABLE, seen.message


@dataclass(frozen=True)
class Sabotage:
    """One change to a file of the gateway directory, and what the drill must say of it."""

    older: str
    file: str
    old: str
    new: str
    expected: Outcome
    words: str


SABOTAGES = {
    "a worker that does not ask whether a mail is sent": Sabotage(
        "redis",
        "app/delivery.py",
        "return Claim(outbox_id, row[0],",
        'return Claim(outbox_id, "queued",',
        Outcome.CRITICAL,
        "that waited at the first backup to arrive once, it arrived 2 times",
    ),
    "nobody gives a job to a mail that has none": Sabotage(
        "redis", "app/worker.py", "await relay.sweep()", "await asyncio.sleep(0)", Outcome.CRITICAL, "between the"
    ),
    "nobody reads in Redis that a mail was sent": Sabotage(
        "postgres", "app/relay.py", "if proof is not None:", "if False:", Outcome.WARNING, "arrived 2 times"
    ),
    "a restore of Redis that leaves it stopped": Sabotage(
        "neither", "scripts/restore-redis.sh", "await_keys\n", "compose stop redis\n", Outcome.CRITICAL, "did not work"
    ),
}  # fmt: skip


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotaged_recovery_of_both_is_seen(sabotage: Sabotage, tmp_path: Path) -> None:
    """What sends a mail twice, or never, once both stores have been restored is told."""
    with sabotaged(tmp_path, (sabotage.file, sabotage.old, sabotage.new)) as judge:
        seen = judge(restored_agree, older=sabotage.older)
    assert seen.outcome is sabotage.expected, seen.message
    said = [finding.message for finding in seen.record.findings if finding.outcome is sabotage.expected]
    assert any(sabotage.words in message for message in said), said


def test_recovery_without_its_section_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """Without one of the two procedures there is nothing to rehearse."""
    seen = judge.reading(tmp_path, ("#### Restaurar Redis", "#### Outra coisa"))(restored_agree, older="neither")
    assert seen.outcome is Outcome.UNKNOWN, seen.message
