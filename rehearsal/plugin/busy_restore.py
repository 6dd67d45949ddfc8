"""What became of mails that were handed in during a restore, in the words of a check."""

from __future__ import annotations

from rehearsal.drills.busy_restore import BusyRestore, BusyRestoreDrill
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.plugin.record import Record


def judge_busy_restore(seen: BusyRestore, drill: BusyRestoreDrill, evidence: Record) -> None:
    """Record the mails that were accepted during a restore, and those of them that are gone."""
    source = evidence.source(drill.restore.place)
    if seen.restore:
        evidence.ran_all(seen.restore)
    blind = seen.restore is not None and any(has_no_meaning(one) for one in seen.restore.commands)
    say = evidence.unknown if blind else evidence.critical
    if seen.lost:
        say(
            f"of {seen.accepted} mails that the API accepted during the restore, {seen.lost} never arrived: they went"
            " with the store that was replaced",
            action="stop who accepts mails before the restore, and start it after",
            source=source,
        )
    for one in seen.restore.commands if seen.restore else ():
        if wrong := what_is_wrong(one):
            say(
                f"while clients handed in, `{one.command}` {wrong}",
                action="stop who accepts mails before the restore, and start it after",
                source=evidence.at(drill.restore.place, one.line),
            )
    for problem in seen.problems:
        say(problem, source=source)
    if not evidence.findings:
        evidence.saw(
            f"during the restore the API refused {seen.refused} mails and accepted {seen.accepted}, and each of these"
            " arrived"
        )
