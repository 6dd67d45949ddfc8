"""Section "Vazamento de Dados": isolate, and keep what tells what happened."""

from __future__ import annotations

import pytest

from rehearsal.drills.leak import follow_leak
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.leaks import HEADING, judge_leak, words_only
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure


@pytest.mark.drill
@pytest.mark.section("Vazamento de Dados")
def test_isolated_and_preserved(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """After a leak nothing is reached from outside, the logs are kept unread by others, and nothing is destroyed."""
    if not words_only(runbook, evidence):
        judge_leak(follow_leak(replica, gateway, procedure(runbook, HEADING).commands), runbook, evidence)
