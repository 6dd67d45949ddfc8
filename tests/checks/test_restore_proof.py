"""Sabotage of the script that restores backups to try them: a proof that can't fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.backups import test_restore_proof as proof
from rehearsal.results.model import Outcome
from tests.checks.sabotaged import sabotaged

CRON = "cron/email-gateway"
ENTRY = (
    "0 5 1,15 * * cd /opt/email-gateway && set -a && . ./cron/environment && ./scripts/{} >> ./logs/proof.log 2>&1\n"
)
POSTGRES = """\
#!/bin/bash
set -euo pipefail
export PGHOST=localhost PGUSER="${DB_USER:-postgres}" PGPASSWORD="$DB_PASSWORD"
newest=$(ls -t backups/*.sql.gz | head -1)
psql -qd postgres -c 'CREATE DATABASE proof' || exit 3
trap 'psql -qd postgres -c "DROP DATABASE proof"' EXIT
gunzip -c "$newest" | psql -qd proof -v ON_ERROR_STOP=1 >/dev/null
[ "$(psql -Atd proof -c 'SELECT count(*) FROM email_outbox')" -ge 0 ]
echo "$newest: OK"
"""
REDIS = """\
#!/bin/bash
set -euo pipefail
newest=$(ls -t redis-backups/*.tar.gz | head -1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -xzf "$newest" -C "$folder"
find "$folder" -name '*.rdb' | grep -q . || { echo "$newest: no snapshot"; exit 1; }
command -v redis-check-rdb >/dev/null && find "$folder" -name '*.rdb' -exec redis-check-rdb {} + >/dev/null
echo "$newest: OK"
"""
CASES = {
    "as it should be": ("", "", Outcome.OK, ""),
    "that goes on after errors": ("set -euo pipefail", "set -u", Outcome.CRITICAL, "with status 0"),
    "that tells a log of its own": (
        "set -euo pipefail\n",
        "trap 'echo BAD >> logs/own.log' ERR; exec >/dev/null 2>&1\nset -o pipefail\n", Outcome.OK, ""
    ),
    "over errors": (
        "set -euo pipefail\n", "exec 2>/dev/null\n", Outcome.CRITICAL, "it proves nothing"
    ),
    "that only reads it": (
        POSTGRES[POSTGRES.index("gunzip") : POSTGRES.index("echo")],
        'gunzip -c "$newest" | tail -n 20 | grep -q "database dump complete"\n',
        Outcome.CRITICAL, "is whole and does not load",
    ),
    "of the oldest": ("ls -t backups", "ls -tr backups", Outcome.CRITICAL, "it proves nothing"),
    "in the live database": (
        "trap 'psql", "psql -qd email_gateway -c 'CREATE TABLE IF NOT EXISTS left_over (x int)'\ntrap 'psql",
        Outcome.CRITICAL, "changes the store itself",
    ),
    "a name that is there": ("CREATE DATABASE proof", "CREATE DATABASE email_gateway", Outcome.UNKNOWN, "exit"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "outcome", "words"), CASES.values(), ids=CASES)
def test_proof_of_dumps(tmp_path: Path, old: str, new: str, outcome: Outcome, words: str) -> None:
    """A script that says OK over half a dump is critical; one that fails over a good one can't be tried."""
    script, entry = POSTGRES.replace(old, new), ENTRY.format("prove-restore.sh")
    with sabotaged(
        tmp_path, ("scripts/prove-restore.sh", "", script), (CRON, "0 2 * * *", f"{entry}0 2 * * *")
    ) as judge:
        judge.replica.run_script("chmod 755 scripts/prove-restore.sh", timeout=30)
        seen = judge(proof.test_proof_of_postgres_restores_can_fail)
    assert seen.outcome is outcome, [finding.message for finding in seen.record.findings]
    assert words in seen.message


@pytest.mark.parametrize(
    ("script", "outcome"), [(REDIS, Outcome.OK), (REDIS.replace("set -euo pipefail", ""), Outcome.WARNING)]
)
def test_proof_of_redis_that_the_document_names(tmp_path: Path, script: str, outcome: Outcome) -> None:
    """A script that only the document names is tried, too, and not by its name: this one is called verify."""
    changes = [
        ("scripts/verify-redis.sh", "", script),
        ("RUNBOOK.md", "find ./logs", "./scripts/verify-redis.sh\nfind ./logs"),
    ]
    with sabotaged(tmp_path, *changes) as judge:
        judge.replica.run_script("chmod 755 scripts/verify-redis.sh", timeout=30)
        seen = judge(proof.test_proof_of_redis_restores_can_fail)
    assert seen.outcome is outcome, [finding.message for finding in seen.record.findings]


ASKS = "#!/bin/sh\npsql -h localhost -U postgres -Atc 'SELECT count(*) FROM email_outbox' email_gateway\n"


@pytest.mark.parametrize("script", [ASKS, f"{ASKS}zcat backups/*.sql.gz | pg_dump --help\n"], ids=["asks", "makes"])
def test_other_scripts_are_no_proof(script: str, tmp_path: Path) -> None:
    """A script that asks the database, or makes backups, has nothing to say of a bad one, whatever its name."""
    entry = ENTRY.format("test-mails.sh")
    with sabotaged(tmp_path, ("scripts/test-mails.sh", "", script), (CRON, "0 2 * * *", f"{entry}0 2 * * *")) as judge:
        seen = judge(proof.test_proof_of_postgres_restores_can_fail)
    assert seen.outcome is Outcome.NOT_APPLICABLE, seen.message


def test_gateway_without_a_proof(tmp_path: Path) -> None:
    """Where no script tries backups, there is none that may be wrong: the reference gateway has Rehearsal for it."""
    with sabotaged(tmp_path) as judge:
        assert judge(proof.test_proof_of_postgres_restores_can_fail).outcome is Outcome.NOT_APPLICABLE
