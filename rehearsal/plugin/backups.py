"""What a drill of a runbook's backup block stands on: the block, its store, and what the document promises of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.drills.backups import BackupBlock, name_of_backups
from rehearsal.drills.sides import Side
from rehearsal.gateway.description import Gateway
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import BackupPolicy, Runbook, backup_policy, procedure
from rehearsal.runbook.vocabulary import canonical


@dataclass(frozen=True)
class BackupDrill:
    """The block of one store, and what the runbook promises of it."""

    block: BackupBlock
    side: Side
    policy: BackupPolicy
    evidence: Record
    lines: Mapping[str, int]
    """Where each promise stands: `frequency`, `retention`, `location`, `validation` -> line of the runbook."""

    def covers(self, *labels: str) -> None:
        """Note promises that were held against what was observed."""
        self.evidence.covers(*(self.lines[label] for label in labels if label in self.lines))

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


def lines_of(runbook: Runbook, policy: BackupPolicy) -> dict[str, int]:
    """Return where each promise of a policy stands, by the meaning of its label."""
    under = next((one for one in runbook.sections if one.line == policy.place.line), None)
    if any(row.line == policy.place.line for one in runbook.sections for row in one.rows):
        return dict.fromkeys(("frequency", "retention", "location", "validation"), policy.place.line)
    labelled = [(item.text.partition(":")[0], item.line) for item in (under.items if under else ())]
    return {canonical(label): line for label, line in labelled}
