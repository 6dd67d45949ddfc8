"""Section "Renovar Certificados (Let's Encrypt)"."""

from __future__ import annotations

import secrets
import shlex

import pytest

from rehearsal.drills.authority import renew_for_real
from rehearsal.drills.renewal import OTHER_KEY, OTHER_NAME, REFUSED, demand_a_copy, demand_own_folders, renew, webroot
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.renewal import judge_challenge, judge_refusal, judge_renewal
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure

HEADING = "Renovar Certificados"
pytestmark = [pytest.mark.drill, pytest.mark.section(HEADING)]


def test_challenge_is_answered(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """What certbot puts into its folder is served over plain HTTP, because the authority looks for it there."""
    demand_own_folders(replica)
    folder, token = webroot(procedure(runbook, HEADING)), secrets.token_hex(16)
    place = shlex.quote(f"{folder}/.well-known/acme-challenge")
    limit = gateway.replica.command_timeout_seconds
    written = replica.run_script(f"mkdir -p {place} && printf {token} > {place}/{token}", timeout=limit)
    assert written.ok, written.ending
    judge_challenge(replica, gateway.http, token, procedure(runbook, HEADING), evidence)


def test_renewed_certificate_is_served(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A renewed certificate reaches clients, and none is refused meanwhile, because the old one ends soon."""
    written = procedure(runbook, HEADING)
    judge_renewal(renew(replica, gateway, written), written, evidence)


def test_authority_renews_it(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Certbot itself is given a certificate by an authority that asks nginx, because a stand-in is no proof of that."""
    written = procedure(runbook, HEADING)
    judge_renewal(renew_for_real(replica, gateway, written), written, evidence, by="by a test authority (pebble)")


@pytest.mark.parametrize("wrong", [OTHER_KEY, OTHER_NAME, REFUSED], ids=["other-key", "other-name", "refused"])
def test_wrong_certificate_is_refused(
    wrong: str, replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """A certificate that nginx must not be given is refused and the old one goes on, or nginx would not start again."""
    written = procedure(runbook, HEADING)
    demand_a_copy(gateway)
    judge_refusal(renew(replica, gateway, written, wrong), wrong, written, evidence)
