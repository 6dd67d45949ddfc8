"""Sabotage of what shows for how long mails wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.emergencies.test_worker_queue import test_age_counts_while_a_mail_is_tried as age_counts
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

_VIEW = "migrations/0004_reports.sql"
_P95 = "now() - created_at)), 0\n"
_OLDEST = "coalesce(max(extract(epoch FROM now() - created_at)), 0)::numeric(12, 3)"
_WAITING = "FROM email_outbox\nWHERE state = 'queued';"


def test_age_of_the_reference_counts(judge: Judge) -> None:
    """Each query of the reference shows the age of a mail that is tried again, and each was asked."""
    seen = judge(age_counts)
    assert seen.outcome is Outcome.OK, seen.message
    assert seen.message.count("shows for how long") == 2, seen.message


@pytest.mark.parametrize(
    ("edits", "outcome", "words"),
    [
        (
            [
                (_VIEW, _P95, _P95.replace("created", "updated")),
                (_VIEW, _OLDEST, _OLDEST.replace("created", "updated")),
            ],
            Outcome.CRITICAL,
            "only until it is tried",
        ),
        ([(_VIEW, _WAITING, f"{_WAITING[:-1]} AND attempts = 0;")], Outcome.CRITICAL, "only until it is tried"),
        (
            [(_VIEW, _OLDEST, "max(now() - created_at)::text"), (_VIEW, _P95, "now() - created_at)) / 60, 0\n")],
            Outcome.OK,
            "",
        ),
        (
            [(_VIEW, _P95, "now() - created_at)) / 9, 0\n"), (_VIEW, _OLDEST, "max(created_at)::text")],
            Outcome.NOT_APPLICABLE,
            "no query of the document shows",
        ),
    ],
    ids=["since the last change", "of untried ones", "other units", "nowhere"],
)
def test_age_that_ends_with_a_try_is_seen(
    edits: list[tuple[str, str, str]], outcome: Outcome, words: str, tmp_path: Path
) -> None:
    """An age that counts since the last try says nothing of a mail server that is away for an hour."""
    with sabotaged(tmp_path, *edits) as judge:
        seen = judge(age_counts)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message
