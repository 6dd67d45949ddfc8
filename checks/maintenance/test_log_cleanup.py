"""Section "Limpeza Automática": logs that are old go, whatever else is there stays."""

from __future__ import annotations

import pytest

from rehearsal.drills.logs import clean
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.logs import judge_clean_up
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure


@pytest.mark.drill
@pytest.mark.section("Limpeza Automática")
def test_clean_up_takes_old_logs_only(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Old logs go, young ones and all else stay, and a log in use loses no line: a full disk stops the gateway."""
    written = procedure(runbook, "Limpeza Automática")
    judge_clean_up(clean(replica, gateway, runbook, written), written, evidence)
