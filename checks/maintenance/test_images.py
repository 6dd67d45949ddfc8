"""Section "Atualizar Imagens Docker"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rehearsal.drills.images import update_images
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.images import judge_images, judge_pulled
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure

if TYPE_CHECKING:
    from rehearsal.replica.containers.registry import ImageRegistry


@pytest.mark.drill
@pytest.mark.section("Atualizar Imagens Docker")
def test_update_of_images_keeps_all(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Around a pull the stores are backed up and nothing is lost, because servers are replaced by it."""
    written = procedure(runbook, "Atualizar Imagens Docker")
    judge_images(update_images(replica, gateway, runbook, written, without_pull=True), written, evidence)


@pytest.mark.drill
@pytest.mark.section("Atualizar Imagens Docker")
def test_newer_images_come_and_go_back(
    registry: ImageRegistry, pulling_replica: Replica, runbook: Runbook, evidence: Record
) -> None:
    """The section brings newer images from a registry, and the former ones back, and no data is lost by either."""
    written = procedure(runbook, "Atualizar Imagens Docker")
    for age in ("newer", "former"):
        registry.offer(age)
        seen = update_images(pulling_replica, registry.gateway, runbook, written, without_pull=False)
        judge_images(seen, written, evidence)
        judge_pulled(registry.pulled(age), registry.running(pulling_replica, age), age, written, evidence)
