"""Section "Atualizar Código": new code from a git remote, with a migration."""

from __future__ import annotations

import pytest

from rehearsal.drills.update import update
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.update import judge_failed_update, judge_image, judge_update
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure

HEADING = "Atualizar Código"
pytestmark = [pytest.mark.drill, pytest.mark.section(HEADING)]


def test_new_code_runs(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """An update is backed up, migrates and runs the new code, and loses nothing, because it is done every week."""
    written = procedure(runbook, HEADING)
    judge_image(gateway, replica, written, evidence)
    judge_update(update(replica, gateway, runbook, written, breaks=False), written, evidence)


def test_failed_migration_changes_nothing(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """After a migration that fails half way the old code goes on over the old schema, because mails go on coming."""
    written = procedure(runbook, HEADING)
    judge_failed_update(update(replica, gateway, runbook, written, breaks=True), written, evidence)
