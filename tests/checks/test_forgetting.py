"""Sabotage of what Redis remembers of sent mails: not for as long as a backup of PostgreSQL may be old."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.backups.test_agreement import test_restored_stores_agree as restored_agree
from rehearsal.drills.forgetting import short_lived
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import Change, sabotaged

_SHORT_JOBS: tuple[Change, ...] = (
    ("app/queue.py", 'KEEP_COMPLETED = {"age": 48 * 3600,', 'KEEP_COMPLETED = {"age": 3600,'),
)
_FEW_JOBS: tuple[Change, ...] = (
    ("app/queue.py", '{"age": 48 * 3600, "count": 100_000}', '{"age": 48 * 3600, "count": 5}'),
)


def _in_keys(hours: int) -> tuple[Change, ...]:
    """Have a key with a time limit remember each mail, instead of its job."""
    kept = "make_redis(Settings.from_environment(), 5)"
    return (
        (
            "app/worker.py",
            "proof = read_proof(job.progress)",
            f'proof = read_proof(await {kept}.get(f"sent:{{outbox_id}}"))',
        ),
        (
            "app/worker.py",
            "await job.updateProgress(proof.as_json())",
            f'await {kept}.set(f"sent:{{claimed.id}}", __import__("json").dumps(proof.as_json()), ex={hours * 3600})',
        ),
        ("app/relay.py", "proof = read_proof(job.progress, job.result)", "proof = None"),
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (_SHORT_JOBS, "jobs of email-send that have ended (removeOnComplete)"),
        (_FEW_JOBS, "with 300 newer ones behind them"),
        (_in_keys(6), "sent:* (TTL 21"),
    ],
    ids=["jobs of an hour", "few jobs", "keys of six hours"],
)
def test_memory_that_is_shorter_than_the_rpo_is_told(changes: tuple[Change, ...], words: str, tmp_path: Path) -> None:
    """A mail that is sent twice only because Redis has forgotten it by the time of a restore is a warning."""
    with sabotaged(tmp_path, *changes, wait=30) as judge:
        seen = judge(restored_agree, older="postgres")
    assert seen.outcome is Outcome.WARNING, seen.message
    assert "2 times in all" in seen.message
    assert words in seen.message
    assert "longer than objectives.rpo_hours (24 h)" in seen.message


def test_memory_that_outlives_the_rpo_is_ok(tmp_path: Path) -> None:
    """A key that is kept for longer than a backup may be old is still there."""
    with sabotaged(tmp_path, *_in_keys(28), wait=30) as judge:
        seen = judge(restored_agree, older="postgres")
    assert seen.outcome is Outcome.OK, seen.message


def test_keys_of_a_moment_are_no_trouble(replica: Replica, judge: Judge) -> None:
    """Sessions and locks that run out are forgotten, and the reference's jobs remember what was sent."""
    with replica.redis() as client:
        client.set("session:0123456789abcdef", "1", ex=3600)
        client.set("bull:email-send:7:lock", "1", ex=3600)
    assert [one.name for one in short_lived(replica, "bull", 7200)] == [b"session:0123456789abcdef"]
    seen = judge(restored_agree, older="postgres")
    assert seen.outcome is Outcome.OK, seen.message
    assert "Redis had forgotten session:* (TTL" in str(seen.record.evidence)
