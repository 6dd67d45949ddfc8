"""Section "Verificar Validade": the certificate that clients are shown, and what the section says of it."""

from __future__ import annotations

import pytest

from rehearsal.drills.certificates import tell, url_of
from rehearsal.gateway.certificates import shown, why_refused
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.target import Target
from rehearsal.plugin import Record
from rehearsal.plugin.certificates import (
    EXPIRED,
    GOOD,
    SOON,
    judge_file,
    judge_lifetime,
    judge_telling,
    judge_versions,
    least_days,
)
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure

HEADING = "Verificar Validade"
pytestmark = pytest.mark.section(HEADING)


@pytest.mark.daily
def test_served_certificate_lasts(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """The certificate that nginx serves is valid long enough to be renewed, because clients refuse an expired one."""
    url, written = url_of(gateway), procedure(runbook, HEADING)
    with evidence.demanding(what_to_do(runbook, "nginx")):
        judge_lifetime(shown(target, url), written, gateway, evidence)


@pytest.mark.daily
def test_clients_accept_the_certificate(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """Clients accept the certificate, its name and chain, because they send no mail through a door that they doubt."""
    url = url_of(gateway)
    with evidence.demanding(what_to_do(runbook, "nginx")):
        if why := why_refused(target, url):
            evidence.critical(f"expected clients to accept the certificate of {url}, they refuse it: {why}")
        evidence.saw(f"clients of {url} accept its name and chain")


@pytest.mark.daily
def test_old_protocols_refused(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """Nginx speaks no TLS older than 1.2, because others can listen in on what is older."""
    with evidence.demanding(what_to_do(runbook, "nginx")):
        judge_versions(target, url_of(gateway), gateway, evidence)


@pytest.mark.daily
def test_section_looks_at_the_served_certificate(
    gateway: Gateway, target: Target, runbook: Runbook, evidence: Record
) -> None:
    """The file that the section looks at is what nginx serves, because the dates of another one say nothing."""
    with evidence.demanding(what_to_do(runbook, "nginx")):
        judge_file(target, url_of(gateway), procedure(runbook, HEADING), evidence)


@pytest.mark.drill
def test_section_tells_a_certificate_that_ends(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """The section's commands tell an expired certificate from a good one, because that is what they are run for."""
    written = procedure(runbook, HEADING)
    least = max(least_days(written, gateway, evidence)[0], gateway.objectives.certificate_critical_days)
    lives = {GOOD: 3 * least, SOON: least / 2, EXPIRED: -1.0}
    runs = {what: tell(replica, gateway, written, days) for what, days in lives.items()}
    judge_telling(runs, written, evidence)
