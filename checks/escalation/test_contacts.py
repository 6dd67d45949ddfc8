"""Chapter "Contatos e Escalação": whoever looks for a person at three in the morning finds one."""

from __future__ import annotations

import pytest

from rehearsal.gateway.contacts import faults_of, is_own, lacking, reached_by
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook, contacts
from rehearsal.runbook.model import Contact, Place

pytestmark = [pytest.mark.monthly, pytest.mark.section("Contatos e Escalação")]
MEND = "write down who it is, with an address and a number that somebody answers"


def test_every_contact_can_be_used(runbook: Runbook, evidence: Record) -> None:
    """Each role names somebody, with an address and a number that can be used, because nobody answers `[telefone]`."""
    people = contacts(runbook)
    evidence.covers(*(one.line for one in people))
    for one in people:
        who = f"{one.team}: {one.role or one.text}"
        source = evidence.source(Place(one.line, one.team))
        if faults := faults_of(one):
            message = f"expected {who} to name somebody who can be reached: {', '.join(faults)}"
            evidence.critical(message, action=MEND, source=source)
        for way in sorted(lacking(one, people)) if not faults else ():
            evidence.warning(f"expected {who} to give a {way}, as all others do, found none", source=source)
    evidence.saw(f"{len(people)} contacts of {len({one.team for one in people})} teams were read")


def test_each_team_can_be_reached(runbook: Runbook, evidence: Record) -> None:
    """Each team has an address or a number, because a name alone answers nothing."""
    teams: dict[str, list[Contact]] = {}
    for one in filter(is_own, contacts(runbook)):
        teams.setdefault(one.team, []).append(one)
    for team, people in teams.items():
        if not any(reached_by(one) or one.unfilled for one in people):
            source = evidence.source(Place(people[0].line, team))
            evidence.critical(f"expected an address or a number of {team}, found none", action=MEND, source=source)
    evidence.saw(f"{len(teams)} teams were read: {', '.join(teams)}")
