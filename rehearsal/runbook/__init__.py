"""Reads a runbook: Markdown in, sections, procedures, thresholds, policies and contacts out."""

from rehearsal.runbook.lookup import backup_policy, contacts, escalation, threshold
from rehearsal.runbook.model import (
    BackupPolicy,
    Command,
    Procedure,
    Runbook,
    RunbookError,
    Section,
    Step,
    Threshold,
)
from rehearsal.runbook.placeholders import fill
from rehearsal.runbook.read import read_runbook
from rehearsal.runbook.sections import DOCUMENT, procedure, section

__all__ = [
    "DOCUMENT",
    "BackupPolicy",
    "Command",
    "Procedure",
    "Runbook",
    "RunbookError",
    "Section",
    "Step",
    "Threshold",
    "backup_policy",
    "contacts",
    "escalation",
    "fill",
    "procedure",
    "read_runbook",
    "section",
    "threshold",
]
