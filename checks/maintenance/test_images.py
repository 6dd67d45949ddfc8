"""Section "Atualizar Imagens Docker"."""

from __future__ import annotations

import pytest

from rehearsal.drills.images import update_images
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.images import judge_images
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure


@pytest.mark.drill
@pytest.mark.section("Atualizar Imagens Docker")
def test_update_of_images_keeps_all(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Around a pull the stores are backed up and nothing is lost, because servers are replaced by it."""
    written = procedure(runbook, "Atualizar Imagens Docker")
    judge_images(update_images(replica, gateway, runbook, written), written, evidence)
