"""Section "Worker Parado", seen every morning: the queue is consumed, and in time."""

from __future__ import annotations

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.queue import look
from rehearsal.gateway.target import NotOnThisTargetError, Target
from rehearsal.plugin import Record
from rehearsal.plugin.rows import judge_row, known_row
from rehearsal.runbook import Runbook

pytestmark = [pytest.mark.daily, pytest.mark.section("Worker Parado")]


def test_queue_consumed(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """A worker listens on a queue that is not paused, because an accepted mail waits there for nobody else."""
    action = what_to_do(runbook, "worker")
    queue = look(target, gateway.queue)
    if queue.paused:
        evidence.critical(f"the queue {gateway.queue.name} is paused: no mail leaves it", action=action)
    if not queue.workers:
        evidence.critical(f"no worker listens on the queue {gateway.queue.name}", action=action)
    evidence.saw(
        f"{queue.workers} workers, {len(queue.jobs['waiting'])} jobs waiting, {len(queue.jobs['active'])} active"
    )


def test_queue_age(gateway: Gateway, target: Target, evidence: Record) -> None:
    """Mails wait no longer than promised, because a queue that only grows looks alive until somebody asks its age."""
    age = look(target, gateway.queue).age_percentile(95)
    limit = gateway.objectives.queue_age_p95_seconds
    evidence.objective("age in queue, P95", age, "s", limit, "objectives.queue_age_p95_seconds")


def test_queue_within_the_table(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """The queue keeps to the rows that the table has for it, because a backlog is late mail before it is lost mail."""
    wanted = ("Waiting Mails", "Queue Age", "Failed Mails")
    rows = {metric: row for metric in wanted if (row := known_row(runbook, metric)) is not None}
    if not rows:
        msg = "the table of thresholds has no row for the queue"
        raise NotOnThisTargetError(msg)
    queue = look(target, gateway.queue)
    waiting, age = len(queue.jobs["waiting"]) + len(queue.jobs["prioritized"]), queue.oldest_age
    figures: dict[str, dict[str, float]] = {
        "Waiting Mails": {"": waiting},
        "Queue Age": {"s": age, "ms": age * 1000},
        "Failed Mails": {"": len(queue.jobs["failed"])},
    }
    for metric, row in rows.items():
        judge_row(evidence, runbook, row, figures[metric])
