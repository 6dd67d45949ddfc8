"""What a drill that lost both stores saw, in the words of a check."""

from __future__ import annotations

from rehearsal.drills.agreement import AgreementDrill, Rejoined
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.plugin.record import Record

_HOUR = 3600


def judge_agreement(seen: Rejoined, drill: AgreementDrill, evidence: Record) -> None:
    """Record what a drill saw: a mail that is lost or sent twice, a store that disagrees, is critical."""
    source = evidence.source(max((drill.first.restore, drill.second.restore), key=lambda one: one.place.line).place)
    blind = any(has_no_meaning(command) for _, run in seen.runs for command in run.commands)
    say = evidence.unknown if blind else evidence.critical
    for problem in seen.problems:
        say(problem, source=source)
    for duplicate in seen.duplicates:
        evidence.warning(duplicate, source=source)
    for procedure, run in seen.runs:
        evidence.ran_all(run)
        for command in run.commands:
            if seen.problems and (wrong := what_is_wrong(command)):
                say(f"`{command.command}` {wrong}", source=evidence.at(procedure.place, command.line))
    if seen.compared:
        evidence.saw(f"compared: {seen.compared}")
    if seen.recovery_seconds is not None:
        limit = drill.gateway.objectives.rto_hours * _HOUR
        name = "time to recovery of both stores (RTO)"
        evidence.objective(name, seen.recovery_seconds, "s", limit, "objectives.rto_hours")
