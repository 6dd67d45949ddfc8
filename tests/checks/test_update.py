"""Sabotage of "Atualizar Código"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks.maintenance import test_update as checked
from rehearsal.results.model import Outcome
from tests.checks.copies import Changes, changed_gateway
from tests.checks.judge import Judge, Verdict

BACKUP = "./scripts/backup-postgres.sh daily 7 ./backups"
PULL = "git pull --ff-only origin main"
MIGRATE = "docker-compose run --rm -T api python -m app.migrate"
UP = "docker-compose up -d api worker"
GOOD = "\n".join([BACKUP, PULL, "docker-compose build", f"{MIGRATE} && {UP}"])
OLD = f"{BACKUP}\n{PULL}\ndocker-compose exec api npm run migrate\ndocker-compose restart"
NO_TRANSACTION: Changes = {
    "app/migrate.py": (
        ("with conn.transaction():", "for text in text.split(';\\n') if 'rehearsal' in path.name else [text]:"),
        ('        conn.execute("INSERT INTO schema', '    conn.execute("INSERT INTO schema'),
    )
}


def _with(judge: Judge, folder: Path, block: str) -> Judge:
    written = re.search(r"#### Atualizar Código.*?```bash\n(.*?)```", judge.runbook.text, re.DOTALL)
    assert written
    return judge.reading(folder, (written[1], f"{block}\n"))


@pytest.mark.parametrize(
    ("block", "expected", "words"),
    [
        (OLD, Outcome.CRITICAL, "migration to be applied"),
        (GOOD.replace(BACKUP, ":"), Outcome.CRITICAL, "no new one was made"),
        (f"{GOOD.replace(BACKUP, ':')}\n{BACKUP}", Outcome.CRITICAL, "was made after it"),
        (GOOD.replace(UP, "true"), Outcome.CRITICAL, "api to run the new code"),
        (GOOD.replace(UP, "docker-compose restart api"), Outcome.CRITICAL, "worker to run the new code"),
        (GOOD.replace(UP, "docker-compose restart api worker"), Outcome.CRITICAL, "the container of the old one"),
        (GOOD.replace(UP, "docker-compose stop api worker"), Outcome.CRITICAL, "after the update"),
        (GOOD.replace("docker-compose build\n", "").replace(UP, "docker-compose up -d --build"), Outcome.OK, ""),
        (GOOD.replace(PULL, "./scripts/fetch-code.sh"), Outcome.UNKNOWN, "how new code comes"),
    ],
    ids=[
        "1.0",
        "no-backup",
        "late-backup",
        "not-started",
        "one-started",
        "restarted",
        "stopped",
        "another-way",
        "no-git",
    ],
)
def test_update_is_judged_by_what_runs(block: str, expected: Outcome, words: str, judge: Judge, tmp_path: Path) -> None:
    """Code that does not run, a schema that is not there, a backup too late: each is seen by what came of it."""
    seen = _with(judge, tmp_path, block)(checked.test_new_code_runs)
    assert seen.outcome is expected, seen.message
    assert words in _said(seen)


@pytest.mark.parametrize(
    ("block", "expected", "words"),
    [
        (GOOD, Outcome.OK, ""),
        (GOOD.replace(" && ", "\n"), Outcome.CRITICAL, "the new one was started"),
        (GOOD.replace(MIGRATE, f"({MIGRATE} || true)"), Outcome.CRITICAL, "said success"),
    ],
    ids=["stops", "goes-on", "hidden"],
)
def test_failed_migration_that_is_passed_over_is_seen(
    block: str, expected: Outcome, words: str, judge: Judge, tmp_path: Path
) -> None:
    """New code over a schema that its migration did not reach is critical."""
    seen = _with(judge, tmp_path, block)(checked.test_failed_migration_changes_nothing)
    assert seen.outcome is expected, seen.message
    assert words in _said(seen)


def test_half_a_migration_is_seen(tmp_path: Path) -> None:
    """Migrations without a transaction leave half of one behind."""
    with changed_gateway(tmp_path, NO_TRANSACTION) as judge:
        good = judge(checked.test_new_code_runs)
    assert good.outcome is Outcome.OK, good.message
    with changed_gateway(tmp_path / "again", NO_TRANSACTION) as judge:
        seen = judge(checked.test_failed_migration_changes_nothing)
    assert (seen.outcome, "definitions as they were" in seen.message) == (Outcome.CRITICAL, True), seen.message


def test_section_that_is_not_there_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """Without the section nothing was verified."""
    changed = judge.reading(tmp_path, ("#### Atualizar Código", "#### Outra Coisa"))
    assert changed(checked.test_new_code_runs).outcome is Outcome.UNKNOWN


def _said(seen: Verdict) -> str:
    return " / ".join(one.message for one in seen.record.findings)
