"""Section "Suspeita de Ataque": who says nothing, or without an end, is let go."""

from __future__ import annotations

import re

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.nginx_files import settings_of_nginx
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook, section
from rehearsal.runbook.model import Place

HEADING = "Suspeita de Ataque"
LONGEST_SECONDS = 300
"""nginx' own is 60."""
WAITS = re.compile(r"\b(client_header_timeout|client_body_timeout)\s+(\d+)(ms|s|m|h|d)?\s*;")
ENDLESS = re.compile(r"\bclient_max_body_size\s+0\s*;")
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


@pytest.mark.weekly
@pytest.mark.section(HEADING)
def test_clients_are_limited(gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Nginx waits for no client longer than minutes and for no mail without an end, as some of either stop all."""
    under, texts = section(runbook, HEADING), list(settings_of_nginx(gateway))
    if not texts:
        msg = "the gateway directory has no settings of nginx"
        raise NotOnThisTargetError(msg)
    source = evidence.source(Place(under.line, under.heading))
    found = [match.groups() for text in texts for match in WAITS.finditer(text)]
    for name, number, unit in found:
        if int(number) * SECONDS[unit or "s"] > LONGEST_SECONDS:
            evidence.warning(
                f"expected nginx to let silent clients go in {LONGEST_SECONDS} s, found `{name} {number}{unit or ''}`",
                source=source,
            )
    if any(ENDLESS.search(text) for text in texts):
        evidence.warning(
            "expected nginx to take mails of some size only, found `client_max_body_size 0`: one may be without an end",
            source=source,
        )
    said = "; ".join(f"{name} {number}{unit or ''}" for name, number, unit in found)
    evidence.saw(f"nginx waits for clients as its settings say: {said or 'nothing, which is 60 s'}")
