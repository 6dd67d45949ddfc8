"""Section "Limpeza Manual": what is stopped is not unused."""

from __future__ import annotations

import pytest

from rehearsal.drills.prune import prune, prunes_elsewhere
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.prune import judge_prune
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure


@pytest.mark.drill
@pytest.mark.section("Limpeza Manual")
def test_stopped_services_keep_what_they_need(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """Stopped services start again with all their data, because a clean-up takes what nobody uses just then."""
    written = procedure(runbook, "Limpeza Manual")
    judge_prune(prune(replica, gateway, written), replica.kind, written, evidence)


@pytest.mark.drill
@pytest.mark.section("Espaço em Disco Baixo")
def test_no_other_clean_up_takes_more(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """What another section prunes, in the hurry of a full disk, takes nothing from stopped services either."""
    written = prunes_elsewhere(runbook, "Limpeza Manual")
    if written is None:
        evidence.saw("no other section of the document cleans up the engine")
    else:
        judge_prune(prune(replica, gateway, written), replica.kind, written, evidence)
