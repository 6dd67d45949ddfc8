"""Section "Alto Uso de CPU"."""

from __future__ import annotations

import pytest

from rehearsal.drills.hog import Hog
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.numbered_steps import judge_hog
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

HEADING = "Alto Uso de CPU"


@pytest.mark.drill
@pytest.mark.section(HEADING)
def test_busy_service_is_named_and_ended(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """The steps name the service that burns CPU, end that, and lose no mail, because the wrong restart helps nobody."""
    drill = Hog(replica, gateway, runbook, HEADING, "cpu_percent")
    judge_hog(drill, drill.rehearse(), evidence)
