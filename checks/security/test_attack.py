"""Section "Suspeita de Ataque": who attacks is found, shut out, and held back."""

from __future__ import annotations

import pytest

from rehearsal.drills.attack import attack
from rehearsal.drills.blocking import block, look
from rehearsal.drills.clients import ATTACKER, NETWORK
from rehearsal.drills.limits import flood
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.attacks import AttackJudge
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

pytestmark = [pytest.mark.drill, pytest.mark.section("Suspeita de Ataque")]


def test_attack_is_found(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """The section's commands name who floods the gateway and show failed logins, because who is not seen goes on."""
    judge = AttackJudge(runbook, gateway, evidence)
    judge.trace(attack(replica, gateway, judge.written.commands))


def test_block_holds(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A blocked address or network is shut out, others are not, and no forged header changes that, nor a restart."""
    judge = AttackJudge(runbook, gateway, evidence)
    judge.open_door(look(replica, gateway, "nobody"))
    if not judge.block(block(replica, gateway, ATTACKER, judge.written.commands, judge.words)):
        return
    judge.block(block(replica, gateway, NETWORK, judge.written.commands, judge.words), whole_network=True)
    replica.stop("nginx")
    replica.start("nginx")
    judge.block(look(replica, gateway, f"{NETWORK}, after a restart"), whole_network=True)


def test_limits_hold(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Who asks too often is told so with 429 and others are served, because one client must not stop all mail."""
    AttackJudge(runbook, gateway, evidence).flood(flood(replica, gateway))
