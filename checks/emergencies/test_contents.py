"""Section "Worker Parado": what is sent is what was handed in."""

from __future__ import annotations

import pytest

from rehearsal.drills.contents import send_all
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.contents import judge_contents
from rehearsal.replica.protocol import Replica

pytestmark = [pytest.mark.drill, pytest.mark.section("Worker Parado")]


def test_mails_arrive_as_they_were_handed_in(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """A mail arrives as it was handed in, whatever it holds, because one that says something else is no mail sent."""
    judge_contents(send_all(replica, gateway), evidence)
