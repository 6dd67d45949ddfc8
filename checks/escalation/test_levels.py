"""Section "Procedimentos de Escalação": the levels, and the emergencies that lead to them."""

from __future__ import annotations

import pytest

from rehearsal.gateway.escalation import emergencies, lead_of, people_of
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook, RunbookError, contacts, escalation, section
from rehearsal.runbook.model import Place


@pytest.mark.monthly
@pytest.mark.section("Procedimentos de Escalação")
def test_levels_are_complete(runbook: Runbook, evidence: Record) -> None:
    """The levels count from 1 without a gap, each with its cases, because the next level must be there to be called."""
    levels = escalation(runbook)
    evidence.covers(*(level.line for level in levels))
    heading = section(runbook, "Procedimentos de Escalação").heading
    for expected, level in enumerate(levels, start=1):
        source = evidence.source(Place(level.line, heading))
        if level.number != expected:
            evidence.critical(f"expected level {expected} of escalation, found level {level.number}", source=source)
        if not any(char.isalpha() for char in level.scope):
            evidence.critical(f"expected what level {level.number} is called for, found `{level.scope}`", source=source)
    evidence.saw(f"levels {', '.join(str(level.number) for level in levels)} were read")


@pytest.mark.monthly
@pytest.mark.section("Procedimentos de Escalação")
def test_each_level_has_somebody(runbook: Runbook, evidence: Record) -> None:
    """Somebody stands for each level, because escalation ends where nobody is named."""
    contacts(runbook)
    heading = section(runbook, "Procedimentos de Escalação").heading
    for level in escalation(runbook):
        people = people_of(runbook, level)
        if not people:
            message = (
                f"expected a team or a role for level {level.number} ({level.name}), found none among the contacts"
            )
            evidence.warning(message, source=evidence.source(Place(level.line, heading)))
        evidence.saw(f"level {level.number} ({level.name}): {len(people)} contacts")


@pytest.mark.monthly
@pytest.mark.section("Procedimentos de Emergência")
def test_each_emergency_leads_to_somebody(runbook: Runbook, evidence: Record) -> None:
    """Each emergency names a level or a team that is there, because its steps may not be enough."""
    known = {level.number for level in escalation(runbook)}
    found = emergencies(runbook)
    if not found:
        heading = section(runbook, "Procedimentos de Emergência")
        msg = f"{runbook.path}:{heading.line}: '{heading.heading}': expected emergencies, found none"
        raise RunbookError(msg)
    for one in found:
        lead, source = lead_of(runbook, one), evidence.source(Place(one.line, one.heading))
        evidence.covers(*lead.lines)
        for number in lead.missing:
            evidence.critical(f"expected one of the levels {sorted(known)}, found level {number}", source=source)
        for level, other in lead.crossed:
            evidence.critical(
                f"expected level {level.number} to be called {level.name}, found the name of level {other.number},"
                f" {other.name}",
                source=source,
            )
        if not lead.lines:
            message = f"expected '{one.heading}' to name a level of escalation or a team, found neither"
            evidence.warning(message, action="add whom to call when the steps do not help", source=source)
    evidence.saw(f"{len(found)} emergencies were read")
