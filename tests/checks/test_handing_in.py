"""Sabotage of how fast mails are taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.monitoring.test_handing_in import test_mails_are_taken_in_time as taken_in_time
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

AT = "    async def submit(self, request: Request) -> Response:\n"


@pytest.mark.parametrize(
    ("limits", "outcome"),
    [("> 500ms | > 2s", Outcome.WARNING), ("> 200ms | > 500ms", Outcome.CRITICAL), ("> 60s | > 90s", Outcome.OK)],
)
def test_slow_answer_is_seen(limits: str, outcome: Outcome, tmp_path: Path) -> None:
    """An API that takes mails slowly is seen, however fast its health endpoints are, by the table's own limits."""
    slow = ("app/api.py", AT, f"{AT}        await asyncio.sleep(0.6)\n")
    table = ("RUNBOOK.md", "| Latência API | > 500ms | > 2s |", f"| Latência API | {limits} |")
    few = ("gateway.toml", "latency_requests = 20", "latency_requests = 3")
    with sabotaged(tmp_path, slow, table, few) as judge:
        seen = judge(taken_in_time)
    assert seen.outcome is outcome, seen.message
    assert "median of 3 mails" in seen.message


def test_mail_that_is_refused_is_unknown(tmp_path: Path) -> None:
    """How long a refusal takes says nothing."""
    body = ("gateway.toml", '# submit_body = { to = "{to}", subject', 'submit_body = { nobody = "{to}", subject')
    with sabotaged(tmp_path, body) as judge:
        seen = judge(taken_in_time)
    assert seen.outcome is Outcome.UNKNOWN, seen.message
    assert "to take a mail, got 4" in seen.message


def test_missing_row_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """Without the table's row nothing is known of what was promised."""
    seen = judge.reading(tmp_path, ("| Latência API |", "| Outra coisa |"))(taken_in_time)
    assert seen.outcome is Outcome.UNKNOWN, seen.message
