"""Section "Vazamento de Dados", before there is one: what people write to each other stands in no log."""

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
    """The text of a mail stands in no log, because logs are copied, kept for weeks and read by many."""
    for place in logs_that_tell(replica, gateway, runbook):
        evidence.critical(f"the text of a mail stands in {place}", action="log who and when, never what was written")
    evidence.saw("a mail was sent, and its text was looked for in each service's log and in the folders of logs")
