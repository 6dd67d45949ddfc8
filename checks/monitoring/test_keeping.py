"""Section "Verificação de Conectividade": what PostgreSQL confirms is written, as `pg_isready` does not know."""

from __future__ import annotations

import pytest

from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.postgres_keeping import ask_postgres_keeping
from rehearsal.gateway.target import Target
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook


@pytest.mark.weekly
@pytest.mark.section("Verificação de Conectividade")
def test_postgres_keeps_what_it_takes(target: Target, runbook: Runbook, evidence: Record) -> None:
    """PostgreSQL has written what it confirms, because a mail that was accepted and not written is one that is lost."""
    action = what_to_do(runbook, "postgres")
    with evidence.demanding(action):
        keeping = ask_postgres_keeping(target)
        for fault in keeping.faults:
            evidence.critical(fault, action=action)
        for doubt in keeping.doubts:
            evidence.warning(doubt, action=action)
        evidence.saw(", ".join(f"{name} {value}" for name, value in keeping.settings.items()))
