"""Sabotage of a restore of what was backed up before an update."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.backups import test_older_schema as checked
from rehearsal.results.model import Outcome
from tests.checks.sabotaged import Change, sabotaged

MIGRATES = "docker-compose start api\ndocker-compose exec -T api python -m app.migrate\n"
RESTORES = "./scripts/restore-postgres.sh ./backups/email-gateway-daily-YYYYMMDD-HHMMSS.sql.gz"
FORGETS: Change = ("RUNBOOK.md", MIGRATES, "docker-compose start api\n")
STARTER: Change = ("Dockerfile", "", "FROM python:3.13\nCMD python -m app.migrate && python -m app.api\n")


@pytest.mark.parametrize(
    ("changes", "outcome", "words"),
    [
        pytest.param([], Outcome.OK, "", id="as it is"),
        pytest.param([FORGETS], Outcome.WARNING, "on the schema of before", id="no migration"),
        pytest.param([FORGETS, STARTER], Outcome.NOT_APPLICABLE, "when it starts", id="an image that migrates"),
        pytest.param(
            [("RUNBOOK.md", RESTORES, "echo restaurado")], Outcome.UNKNOWN, "was not seen", id="nothing restored"
        ),
        pytest.param(
            [("RUNBOOK.md", "#### Restaurar PostgreSQL", "#### Outra coisa")], Outcome.UNKNOWN, "heading", id="gone"
        ),
    ],
)
def test_older_backup_without_its_migration_is_told(
    changes: list[Change], outcome: Outcome, words: str, tmp_path: Path
) -> None:
    """What the new code needs is there after the reference's steps, and not after a restore alone."""
    with sabotaged(tmp_path, *changes) as judge:
        seen = judge(checked.test_older_backup_gets_the_schema_of_today)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message
