"""What became of the steps of an emergency, in the words of a check."""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.drills.hog import Ended, Hog
from rehearsal.drills.numbered_steps import Part
from rehearsal.gateway.procedure import ProcedureRun, has_no_meaning, what_is_wrong
from rehearsal.plugin.record import Record
from rehearsal.runbook import Runbook, section
from rehearsal.runbook.model import Place

_WORDS = {"cpu_percent": "CPU", "memory_percent": "memory"}


def judge_hog(drill: Hog, seen: Ended, evidence: Record) -> None:
    """Record who was named, whether the steps ended the load, and what became of the mails."""
    place = Place(section(drill.runbook, drill.heading).line, section(drill.runbook, drill.heading).heading)
    source, what = evidence.source(place), _WORDS[drill.figure]
    evidence.saw(f"with load in {seen.service} Rehearsal names {seen.own} ({seen.loaded:.3g} % of {what})")
    judge_steps(seen.parts, seen.run, place, drill.runbook, evidence)
    named, command = seen.named(drill.figure)
    if named and named != seen.service:
        evidence.critical(
            f"expected `{command}` to show {seen.service} with the most {what}, it shows {named}", source=source
        )
    elif not named and seen.looked:
        evidence.warning(f"no command of the section shows who uses most {what}", source=source)
    elif not named:
        evidence.unknown(f"the section gives no command that would show who uses most {what}", source=source)
    if not seen.restarted:
        evidence.unknown(f"the section gives no command that would end the load in {seen.service}", source=source)
    elif seen.goes_on:
        found = f"{seen.service} still uses {seen.after:.3g} % of {what}, {seen.loaded:.3g} % before"
        evidence.critical(
            f"expected the section's steps to end the load, found that it goes on: {found}", source=source
        )
    else:
        evidence.saw(f"the section's steps brought {seen.service} from {seen.loaded:.3g} % to {seen.after:.3g} %")
    for problem in seen.problems:
        evidence.critical(problem, source=source)


def judge_steps(
    parts: Sequence[Part], run: ProcedureRun | None, place: Place, runbook: Runbook, evidence: Record
) -> None:
    """Record each command of the steps, and the levels of escalation that they name."""
    for one in run.commands if run else ():
        source = evidence.at(place, one.line)
        if has_no_meaning(one):
            evidence.saw(f"`{one.command}` has no meaning in a replica of processes")
            continue
        evidence.ran(one)
        if one.never_ran:
            evidence.unknown(f"`{one.command}` {one.ending}", source=source)
        elif wrong := what_is_wrong(one):
            evidence.critical(f"`{one.command}` {wrong}", source=source)
    for part in parts:
        levels = [one.number for one in runbook.escalation]
        if part.commands:
            evidence.covers(part.step.line)
        elif part.level is not None and part.level in levels:
            evidence.covers(part.step.line)
            evidence.saw(f"step {part.step.number} leads to level {part.level}, which the document has")
        if part.level is not None and part.level not in levels:
            known = ", ".join(map(str, levels)) or "none"
            message = f"step {part.step.number} leads to level {part.level}, and the document's levels are {known}"
            say = evidence.critical if levels else evidence.unknown
            say(message, source=evidence.at(place, part.step.line))
