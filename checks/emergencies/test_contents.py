"""Section "Worker Parado": what is sent is what was handed in."""

from __future__ import annotations

import pytest

from rehearsal.drills.contents import send_all
from rehearsal.drills.recipients import hand_in_to_two
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.contents import judge_contents, judge_recipients
from rehearsal.replica.protocol import Replica

pytestmark = [pytest.mark.drill, pytest.mark.section("Worker Parado")]


def test_mails_arrive_as_they_were_handed_in(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """A mail arrives as it was handed in, whatever it holds, because one that says something else is no mail sent."""
    judge_contents(send_all(replica, gateway), evidence)


def test_each_recipient_gets_the_mail(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """A mail to two at once reaches both or is refused, because whoever is left out of it is told by nobody."""
    for seen in hand_in_to_two(replica, gateway):
        judge_recipients(seen, evidence)
