"""What the newest backups of a live host are worth, in the words of a check."""

from __future__ import annotations

from rehearsal.backups.names import BackupName
from rehearsal.drills.live_backups import LiveBackups, Newest, newest
from rehearsal.gateway.procedure import ProcedureRun, what_is_wrong
from rehearsal.plugin.record import Record
from rehearsal.runbook import BackupPolicy, Procedure, procedure
from rehearsal.snapshot import Difference

SHOWN = 20
"""Differences that go into the evidence; of more there is the count."""
_HOUR = 3600


def found(backups: LiveBackups, name: BackupName, backup: str, evidence: Record) -> Newest | None:
    """Look for the newest backup, and record it or that there is none, with the runbook's way to make one."""
    seen = newest(backups.files, name, timeout=backups.limit)
    if seen is None:
        action = what_makes(backups, backup)
        evidence.critical(f"expected a backup named {name.written} on {backups.live.name}, found none", action=action)
    else:
        evidence.saw(
            f"{seen.file.path} is the newest of {seen.count} backups on {backups.live.name}: {seen.file.size:,} bytes"
        )
    return seen


def what_makes(backups: LiveBackups, heading: str) -> str:
    """Return the runbook's own command that makes a backup."""
    made = procedure(backups.runbook, heading)
    return f"{made.place.heading}: `{made.commands[-1].text}` ({backups.runbook.path.name}:{made.place.line})"


def judge_age(seconds: float, policy: BackupPolicy, backups: LiveBackups, evidence: Record) -> None:
    """Hold a backup's age against the objective, or, where the runbook has it made on demand, against its retention."""
    if policy.daily_at is not None:
        limit = backups.gateway.objectives.rpo_hours * _HOUR
        name = f"age of the newest backup of {policy.store} (RPO)"
        evidence.objective(name, round(seconds), "s", limit, "objectives.rpo_hours")
        return
    days = max(policy.retention_days.values())
    if seconds > days * 24 * _HOUR:
        evidence.critical(
            f"expected a backup of {policy.store} not older than its retention of {days} days, found"
            f" {seconds / _HOUR / 24:.1f} days",
            source=evidence.source(policy.place),
        )
    else:
        evidence.saw(f"its data is {seconds / _HOUR:.1f} hours old; the runbook has it made: {policy.frequency}")


def judge_restore(run: ProcedureRun, restore: Procedure, evidence: Record) -> bool:
    """Record the commands of a restore; True where the shell saw none of them fail."""
    evidence.ran_all(run)
    wrong = [(command, said) for command in run.commands if (said := what_is_wrong(command))]
    for command, said in wrong:
        evidence.critical(f"`{command.command}` {said}", source=evidence.at(restore.place, command.line))
    return not wrong


def judge_differences(differences: list[Difference], message: str, evidence: Record) -> None:
    """Record what did not come back as one critical finding that names the first."""
    if differences:
        first = differences[0]
        many = (
            f"{len(differences)} differences, such as {first.where}: expected {first.expected}, found {first.observed}"
        )
        evidence.critical(f"{message}: {many}")
        evidence.differs(differences[:SHOWN])
