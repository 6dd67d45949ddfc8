"""What a clean-up of the engine left, in the words of a check."""

from __future__ import annotations

from rehearsal.drills.prune import STOPPED, Pruned
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.plugin.record import Record
from rehearsal.runbook import Procedure

_SHOWN = 20


def judge_prune(seen: Pruned, kind: str, written: Procedure, evidence: Record) -> None:
    """Judge whether services that were stopped during the clean-up start again with all that they had."""
    evidence.ran_all(seen.run)
    source = evidence.source(written.place)
    stopped = f"with {' and '.join(STOPPED)} stopped"
    for problem in seen.problems:
        evidence.critical(f"{stopped}, after the clean-up {problem}", source=source)
    if seen.differences:
        first = seen.differences[0]
        evidence.critical(
            f"{stopped}, the clean-up took data of theirs: {len(seen.differences)} differences, such as {first.where}:"
            f" expected {first.expected}, found {first.observed}",
            source=source,
        )
        evidence.differs(seen.differences[:_SHOWN])
    held = not evidence.findings
    if held:
        how = (
            "what Docker 20.10 takes of a stack is emulated" if kind == "processes" else "confined to the replica's own"
        )
        evidence.saw(f"{stopped}, the clean-up left all that they need ({how})")
    for command in seen.run.commands:
        if wrong := what_is_wrong(command):
            say = evidence.unknown if has_no_meaning(command) else evidence.warning if held else evidence.critical
            say(f"`{command.command}` {wrong}", source=evidence.at(written.place, command.line))
