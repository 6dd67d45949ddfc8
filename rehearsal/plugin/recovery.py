"""What a restore drill saw, in the words of a check."""

from __future__ import annotations

from collections.abc import Callable

from rehearsal.drills.restore import Recovery, RestoreDrill
from rehearsal.drills.stores import Disaster
from rehearsal.gateway.procedure import ProcedureRun, has_no_meaning, what_is_wrong
from rehearsal.plugin.judging import NOT_SEEN, finding_of
from rehearsal.plugin.record import Record
from rehearsal.runbook import Procedure
from rehearsal.snapshot import Difference

_SHOWN = 20
"""Differences that go into the evidence; of more there is the count."""
_HOUR = 3600


def rehearse(drill: RestoreDrill, disaster: Disaster, planted: object, evidence: Record) -> None:
    """Run a drill once and record what it saw.

    Its errors are recorded, too: raised, they would make hypothesis run the whole disaster again. After a finding
    nothing is done: what one content has broken, the next one must not judge.
    """
    if evidence.findings:
        return
    try:
        seen = drill.rehearse(disaster, planted)
    except NOT_SEEN as error:
        evidence.findings.append(finding_of(error))
    else:
        judge_recovery(seen, drill, evidence)


def judge_recovery(seen: Recovery, drill: RestoreDrill, evidence: Record) -> None:
    """Record what a drill saw: differences and undelivered mails are critical, whatever the exit codes said."""
    restored = evidence.source(drill.restore.place)
    if not seen.destroyed:
        evidence.unknown(f"the disaster left no trace that could be seen: {seen.disaster}")
    else:
        evidence.saw(f"{seen.disaster}: at least {len(seen.destroyed)} differences, such as {_say(seen.destroyed[0])}")
    held = not seen.problems and not seen.remaining and seen.restore is not None
    # Where a command could not do here what it does on the host, what came back says nothing of it.
    blind = any(has_no_meaning(one) for run in (seen.backup, seen.restore) if run for one in run.commands)
    say = evidence.unknown if blind else evidence.critical
    if blind and not held:
        say("a command of the procedure has no meaning in this kind of replica, and the store did not come back")
    if seen.remaining:
        many = f"{len(seen.remaining)} differences from the time of the backup"
        message = f"{seen.disaster}; the restore did not bring it back: {many}, such as {_say(seen.remaining[0])}"
        say(message, source=restored)
        evidence.differs(seen.remaining[:_SHOWN])
    elif seen.doubts:
        evidence.warning(
            f"grants that the drill had planted did not come back, such as {_say(seen.doubts[0])}; those on the"
            " gateway's own tables did, or there are none",
            source=restored,
        )
    for problem in seen.problems:
        say(f"{seen.disaster}; {problem}", source=restored)
    say = evidence.warning if held else say
    _commands(seen.backup, drill.backup, evidence, say)
    _commands(seen.restore, drill.restore, evidence, say)
    if held:
        evidence.saw("the store is as it was at the time of the backup, and each accepted mail arrived once")
    _objectives(seen, drill, evidence)


def _say(difference: Difference) -> str:
    return f"{difference.where}: expected {difference.expected}, found {difference.observed}"


def _commands(run: ProcedureRun | None, procedure: Procedure, evidence: Record, say: Callable[..., None]) -> None:
    if run is None:
        return
    evidence.ran_all(run)
    for command in run.commands:
        wrong = what_is_wrong(command)
        if wrong:
            say(f"`{command.command}` {wrong}", source=evidence.at(procedure.place, command.line))


def _objectives(seen: Recovery, drill: RestoreDrill, evidence: Record) -> None:
    objectives, store = drill.gateway.objectives, drill.store.name
    for name, seconds, hours, key in (
        (f"time to recovery of {store} (RTO)", seen.recovery_seconds, objectives.rto_hours, "rto_hours"),
        (f"age of the data of {store} (RPO)", seen.data_age_seconds, objectives.rpo_hours, "rpo_hours"),
    ):
        # Of several contents the slowest counts.
        if seconds is not None:
            slowest = max(seconds, evidence.take_back(name))
            evidence.objective(name, slowest, "s", hours * _HOUR, f"objectives.{key}")
