"""Section "Alto Uso de Memória"."""

from __future__ import annotations

import pytest

from rehearsal.drills.hog import Hog
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.numbered_steps import judge_hog
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

HEADING = "Alto Uso de Memória"


@pytest.mark.drill
@pytest.mark.section(HEADING)
def test_greedy_service_is_named_and_ended(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """The steps name the service that holds memory, end that, and lose no mail, as a guess would."""
    drill = Hog(replica, gateway, runbook, HEADING, "memory_percent")
    judge_hog(drill, drill.rehearse(), evidence)
