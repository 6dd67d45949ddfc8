"""One change to the reference gateway, and what a check must make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rehearsal.results.model import Outcome
from tests.checks.sabotaged import sabotaged


@dataclass(frozen=True)
class Change:
    """One change to a file of the gateway directory, and what it must lead to."""

    check: Callable[..., None]
    file: str
    old: str
    new: str
    outcome: Outcome
    words: str = ""


def judge_change(change: Change, folder: Path) -> None:
    """Fail the test unless the check of a change ends as it must, and says so in its words."""
    with sabotaged(folder, (change.file, change.old, change.new), wait=30) as judge:
        seen = judge(change.check)
    assert seen.outcome is change.outcome, [finding.message for finding in seen.record.findings]
    said = [finding.message for finding in seen.record.findings if finding.outcome is change.outcome]
    assert change.outcome is Outcome.OK or any(change.words in message for message in said), said
