"""Section "Worker Parado", seen every morning: what is to be sent stands in both stores."""

from __future__ import annotations

import pytest

from rehearsal.gateway.agreement import lasting
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.target import Target
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook


@pytest.mark.daily
@pytest.mark.section("Worker Parado")
def test_stores_agree(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """Each mail that waits has a job and each job a mail, because a mail without a job waits for ever."""
    limit, action = gateway.objectives.queue_age_p95_seconds, what_to_do(runbook, "worker")
    seen = lasting(target, gateway, age=limit, timeout=gateway.http.timeout_seconds)
    if seen.without_job:
        oldest = max(seen.without_job, key=lambda row: seen.without_job[row])
        waits = f"{len(seen.without_job)} mails wait for more than {limit:g} s without a job that would send them"
        evidence.critical(f"{waits}, such as {oldest}, for {seen.without_job[oldest]:.0f} s", action=action)
    if seen.without_row:
        some = ", ".join(seen.without_row[:3])
        evidence.warning(f"{len(seen.without_row)} jobs wait for mails that PostgreSQL does not have, such as {some}")
    evidence.saw(f"{seen.rows} mails to be sent, {seen.jobs} open jobs")
