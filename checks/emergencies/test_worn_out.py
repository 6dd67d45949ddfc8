"""Section "API Indisponível": requests that are refused do not wear the API out."""

from __future__ import annotations

import pytest

from rehearsal.drills.worn_out import wear_out
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica

pytestmark = [pytest.mark.drill, pytest.mark.section("API Indisponível")]


def test_refused_requests_cost_nothing(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """The API takes mails after many requests that it says no to, because a pool that leaks is empty one night."""
    for seen in wear_out(replica, gateway):
        what = f"after {seen.times} {seen.kind}"
        if seen.found:
            evidence.critical(f"{what} the API takes no mail any more: {seen.found}", action="restart the API")
        else:
            evidence.saw(f"{what} the API took a mail")
