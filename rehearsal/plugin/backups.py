"""What a drill of a runbook's backup block stands on: the block, its store, and what the document promises of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rehearsal.drills.backups import BackupBlock, name_of_backups
from rehearsal.drills.sides import Side
from rehearsal.gateway.description import Gateway
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import BackupPolicy, Runbook, backup_policy, procedure
from rehearsal.runbook.policies import LABELS
from rehearsal.runbook.vocabulary import canonical


@dataclass(frozen=True)
class BackupDrill:
    """The block of one store, and what the runbook promises of it."""

    block: BackupBlock
    side: Side
    policy: BackupPolicy
    evidence: Record
    lines: Mapping[str, Sequence[int]]
    """Where each promise stands: `frequency`, `retention`, `location`, `validation` -> lines of the runbook."""

    def covers(self, *labels: str) -> None:
        """Note promises that were held against what was observed."""
        self.evidence.covers(*(line for label in labels for line in self.lines.get(label, ())))

    @property
    def replica(self) -> Replica:
        """Where it runs."""
        return self.block.replica

    @property
    def source(self) -> str:
        """The place in the runbook that a finding is about."""
        return self.evidence.source(self.block.procedure.place)

    def broken(self, message: str) -> None:
        """Record a promise that was seen broken."""
        self.evidence.critical(message, source=self.source)


def backup_drill(  # what a check has
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record, side: Side, *, backup: str, restore: str
) -> BackupDrill:
    """Take from the runbook what a drill of a backup stands on. Raises RunbookError."""
    name = name_of_backups(procedure(runbook, restore), runbook, gateway)
    block = BackupBlock(replica, gateway, procedure(runbook, backup), name)
    policy = backup_policy(runbook, side.store.name)
    return BackupDrill(block, side, policy, evidence, lines_of(runbook, policy))


def lines_of(runbook: Runbook, policy: BackupPolicy) -> dict[str, list[int]]:
    """Return where each promise of a policy stands, by the meaning of its label, the list below it included."""
    under = next((one for one in runbook.sections if one.line == policy.place.line), None)
    if any(row.line == policy.place.line for one in runbook.sections for row in one.rows):
        return {label: [policy.place.line] for label in LABELS}
    found: dict[str, list[int]] = {}
    above = ""
    for item in under.items if under else ():
        label, _, said = item.text.partition(":")
        named = canonical(label)
        if named in LABELS:
            above = "" if said.strip() else named
        found.setdefault(named if named in LABELS else above or named, []).append(item.line)
    return found
