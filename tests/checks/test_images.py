"""Sabotage of "Atualizar Imagens Docker"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks.maintenance.test_images import test_update_of_images_keeps_all as update
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

BACKUPS = (
    './scripts/backup-postgres.sh daily 7 ./backups\n./scripts/backup-redis.sh localhost 6379 "" ./redis-backups 7\n'
)


@pytest.mark.parametrize(
    ("block", "expected", "words"),
    [
        ("docker-compose pull\ndocker-compose up -d", Outcome.WARNING, "backup of Redis"),
        (f"{BACKUPS}docker-compose up -d", Outcome.CRITICAL, "to pull images"),
        (f"{BACKUPS}docker compose pull -q && docker compose stop api worker", Outcome.CRITICAL, "after the update"),
        (f"{BACKUPS}docker compose pull -q && docker compose restart", Outcome.CRITICAL, "found a restart"),
        (
            f"{BACKUPS}docker-compose pull\ndocker-compose restart api worker",
            Outcome.CRITICAL,
            "a restart, which keeps",
        ),
        (f"{BACKUPS}docker compose pull -q && docker compose up -d", Outcome.OK, ""),
        (
            f"{BACKUPS}docker compose -p email-gateway pull\ndocker-compose up -d\ndocker-compose restart nginx",
            Outcome.OK,
            "",
        ),
    ],
    ids=["1.0", "no-pull", "left-down", "restart", "restart-of-two", "another-way", "restart-behind-up"],
)
def test_update_is_judged_by_what_is_left(
    block: str, expected: Outcome, words: str, judge: Judge, tmp_path: Path
) -> None:
    """No backup is a warning, services that stay down are critical."""
    written = re.search(r"#### Atualizar Imagens Docker\n.*?```bash\n(.*?)```", judge.runbook.text, re.DOTALL)
    assert written
    seen = judge.reading(tmp_path, (written[1], f"{block}\n"))(update)
    assert seen.outcome is expected, seen.message
    assert any(words in one.message for one in seen.record.findings) or not words, seen.message


def test_reference_is_ok(judge: Judge) -> None:
    """Nothing is said against the reference."""
    seen = judge(update)
    assert seen.outcome is Outcome.OK, seen.message


def test_section_that_is_not_there_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """Without the section nothing was verified."""
    assert judge.reading(tmp_path, ("#### Atualizar Imagens", "#### Outras"))(update).outcome is Outcome.UNKNOWN
