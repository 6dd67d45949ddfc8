"""Section "Vazamento de Dados", before there is one: what people write to each other, and secrets, stand in no log."""

from __future__ import annotations

import pytest

from rehearsal.drills.loose_words import logs_that_tell
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook


@pytest.mark.drill
@pytest.mark.section("Vazamento de Dados")
def test_logs_hold_no_mails(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """No log holds the text of a mail, a key or a password, because logs are copied, kept for weeks, read by many."""
    for what, place in logs_that_tell(replica, gateway, runbook):
        evidence.critical(f"{what} stands in {place}", action="log who and when, never what was written or opens doors")
    evidence.saw("a mail was sent; its text and what opens doors were looked for in all services' logs and log folders")
