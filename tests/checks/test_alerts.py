"""Sabotage of the drills of "Alertas e Thresholds"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.monitoring import test_alerts as checked
from rehearsal.plugin.alerts import expect_level
from rehearsal.plugin.record import Record
from rehearsal.results.model import Outcome
from rehearsal.runbook import threshold
from tests.checks.judge import Judge


def test_reference_is_alerted(judge: Judge) -> None:
    """On the reference each level is reached, with its action and the service behind it."""
    for check in (checked.test_full_disk_is_alerted, checked.test_busy_processors_are_alerted):
        seen = judge(check)
        assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("| Disco |", "| Discoteca |", id="missing"),
        pytest.param("| Disco | > 80% | > 90% |", "| Disco | muito | > 90% |", id="nonsense"),
        pytest.param("| Memória |", "| Disco |", id="doubled"),
    ],
)
def test_row_that_can_not_be_read_is_unknown(old: str, new: str, judge: Judge, tmp_path: Path) -> None:
    """Without its row nothing can be pushed over a line."""
    seen = judge.reading(tmp_path, (old, new))(checked.test_full_disk_is_alerted)
    assert seen.outcome is Outcome.UNKNOWN
    assert "RUNBOOK.md" in seen.message


def test_check_that_says_something_else_is_seen(judge: Judge) -> None:
    """A level that is not reached is unknown, another action is critical, another name unknown."""
    row = threshold(judge.runbook, "CPU")

    def outcome(value: float, level: str, action: str, because: str) -> Outcome:
        evidence, seen = Record(judge.runbook.path), Record(judge.runbook.path)
        seen.threshold(replace(row, action=action), value, because=because)
        expect_level(evidence, seen, row, level, culprit="worker")
        return evidence.findings[0].outcome if evidence.findings else Outcome.OK

    assert outcome(85, "warning", row.action, "most of it is used by worker") is Outcome.OK
    assert outcome(85, "critical", row.action, "most of it is used by worker") is Outcome.UNKNOWN
    assert outcome(85, "warning", "Nada", "most of it is used by worker") is Outcome.CRITICAL
    assert outcome(85, "warning", row.action, "most of it is used by api") is Outcome.UNKNOWN
