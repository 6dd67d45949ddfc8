"""Sabotage of mails that had waited for long when the queue was lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.backups.test_agreement import test_old_mails_get_their_jobs_back as get_jobs_back
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import Change, sabotaged

_YOUNG_ALONE = (
    "app/outbox.py",
    "interval '1 second'",
    "interval '1 second' AND created_at > now() - interval '6 hours'",
)
_EXPIRY = (
    "app/outbox.py",
    """    cursor = await conn.execute(
        "SELECT id FROM email_outbox WHERE state = 'queued'""",
    """    await conn.execute("UPDATE email_outbox SET state = 'failed' WHERE created_at < now() - interval '6 hours'")
    cursor = await conn.execute(
        "SELECT id FROM email_outbox WHERE state = 'queued'""",
)


def test_old_mail_that_gets_its_job_back_is_ok(judge: Judge) -> None:
    """The reference's relay asks whether a mail is to be sent, and not since when."""
    seen = judge(get_jobs_back)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        (_YOUNG_ALONE, Outcome.CRITICAL, "had waited for 23 h"),
        (_EXPIRY, Outcome.WARNING, "the API says failed"),
        (
            ("app/worker.py", "await relay.sweep()", "await asyncio.sleep(0)"),
            Outcome.NOT_APPLICABLE,
            "nothing gives a mail its job again",
        ),
    ],
    ids=["young ones alone", "expired ones are failed", "no relay"],
)
def test_relay_that_leaves_old_mails_out_is_seen(change: Change, outcome: Outcome, words: str, tmp_path: Path) -> None:
    """Old mails that stay without a job are critical, given up they are told; without any relay others tell of it."""
    with sabotaged(tmp_path, change) as judge:
        seen = judge(get_jobs_back)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


def test_row_that_keeps_its_time_is_not_applicable(replica: Replica, judge: Judge) -> None:
    """Where a mail can't be made older nothing can be said of old ones."""
    keep = "BEGIN NEW.created_at := OLD.created_at; RETURN NEW; END"
    with replica.postgres() as connection:
        connection.execute(f"CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $${keep}$$")
        connection.execute("CREATE TRIGGER keep BEFORE UPDATE ON email_outbox FOR EACH ROW EXECUTE FUNCTION keep()")
        connection.execute("ALTER TABLE email_outbox ENABLE ALWAYS TRIGGER keep")
    seen = judge(get_jobs_back)
    assert seen.outcome is Outcome.NOT_APPLICABLE, seen.message
    assert "can't be set back" in seen.message
