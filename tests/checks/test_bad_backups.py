"""Sabotage of restores that are given a bad backup, and restores that do it right in another way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.backups import test_bad_backups as checked
from checks.backups.test_restore_postgres import test_named_postgres_backup_comes_back as named_postgres
from checks.backups.test_restore_redis import test_named_redis_backup_comes_back as named_redis
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged
from tests.checks.test_restore import COPY, PIPE, RESTORE_POSTGRES, RESTORE_REDIS

DAMAGED = checked.test_damaged_postgres_backup_costs_nothing
FOREIGN = checked.test_foreign_postgres_backup_costs_nothing
HOSTILE = checked.test_dump_runs_no_program
REDIS = checked.test_damaged_redis_backup_costs_nothing
CLIMBING = checked.test_archive_writes_nowhere_else
POSTGRES_SCRIPT, REDIS_SCRIPT = "scripts/restore-postgres.sh", "scripts/restore-redis.sh"
DROP = "in_postgres postgres <<<'DROP DATABASE :\"name\" WITH (FORCE);'"
EMPTY = 'rm -rf "$DATA"/appendonlydir "$DATA"/dump.rdb'
ANYWHERE = '    KEYS=0; tar -xzPf "$FILE" -C "$WORK"\n'
NO_AOF = '    mv -- "$WORK/dump.rdb" "$DATA/dump.rdb"; return 0\n'
NEWEST = 'FILE="$(ls -t ./backups/*.sql.gz | head -n 1)"'
NEWEST_REDIS = NEWEST.replace("backups/*.sql.gz", "redis-backups/*.tar.gz")
# Another restore of the same worth: nothing of the reference's script, no manifest, no messages in Portuguese.
OTHER_POSTGRES = """#!/bin/sh
db() { docker-compose exec -T postgres psql -X -q -v ON_ERROR_STOP=1 -U postgres "$@"; }
gzip -dc "$1" | tail -n 20 | grep -q "database dump complete" && gzip -t "$1" || { echo "bad backup" >&2; exit 3; }
db -d postgres -c 'DROP DATABASE IF EXISTS fresh' -c 'CREATE DATABASE fresh' || exit 4
gzip -dc "$1" | db -1 -d fresh >/dev/null || { db -d postgres -c 'DROP DATABASE fresh'; exit 5; }
db -d postgres -c 'DROP DATABASE email_gateway WITH (FORCE)' -c 'ALTER DATABASE fresh RENAME TO email_gateway'
"""
# As many do it who have no room for two: whether the dump loads shows when nothing else is there.
DROPS_FIRST = """#!/bin/sh
db() { docker-compose exec -T postgres psql -X -q -v ON_ERROR_STOP=1 -U postgres "$@"; }
gzip -dc "$1" | tail -n 20 | grep -q "database dump complete" && gzip -t "$1" || { echo "bad backup" >&2; exit 3; }
db -d postgres -c 'DROP DATABASE IF EXISTS email_gateway WITH (FORCE)' -c 'CREATE DATABASE email_gateway' || exit 4
gzip -dc "$1" | db -d email_gateway >/dev/null
"""


# It looks at the sum beside the dump, and at nothing in it.
SUMMED_BACKUP = """#!/bin/sh
set -eu
umask 077
file="email-gateway-$1-$(date -u +%Y%m%d-%H%M%S).sql.gz"
cd "$3"
PGPASSWORD=$DB_PASSWORD pg_dump -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" "$DB_NAME" | gzip >"$file.part"
mv "$file.part" "$file"
sha256sum "$file" >"$file.sha256"
"""
TRUSTS_THE_SUM = OTHER_POSTGRES.replace(
    'gzip -dc "$1" | tail -n 20 | grep -q "database dump complete" && gzip -t "$1"',
    '(cd "$(dirname "$1")" && sha256sum -c --quiet "$(basename "$1").sha256")',
)


@dataclass(frozen=True)
class Sabotage:
    """Changes to the gateway directory, and what one check must say of them."""

    check: Callable[..., None]
    changes: tuple[tuple[str, str, str], ...]
    words: str
    """Part of the message of a finding."""
    expected: Outcome = Outcome.CRITICAL


SABOTAGES = {
    "a pipe that swallows errors": Sabotage(DAMAGED, (("RUNBOOK.md", RESTORE_POSTGRES, PIPE),), "neither as it was"),
    "the database is dropped before the backup is looked at": Sabotage(
        DAMAGED,
        ((POSTGRES_SCRIPT, "verify_file\ncheck_server\n", f"{DROP}\nverify_file\n"),),
        "can't be read afterwards",
    ),
    "errors in the dump are passed over": Sabotage(
        DAMAGED,
        ((POSTGRES_SCRIPT, "ON_ERROR_STOP=1", "ON_ERROR_STOP=0"), (POSTGRES_SCRIPT, "--single-transaction ", "")),
        "a line that no table takes: PostgreSQL is then neither",
    ),
    "half a dump is taken for a whole one": Sabotage(
        DAMAGED, ((POSTGRES_SCRIPT, "", OTHER_POSTGRES.replace("database dump complete", "")),), "half a dump"
    ),
    "a sum that is right stands for a dump that is whole": Sabotage(
        DAMAGED,
        (("scripts/backup-postgres.sh", "", SUMMED_BACKUP), (POSTGRES_SCRIPT, "", TRUSTS_THE_SUM)),
        "a whole file of nothing: PostgreSQL is then neither",
    ),
    "nobody hears of the refusal": Sabotage(
        DAMAGED, (("RUNBOOK.md", RESTORE_POSTGRES, f"{RESTORE_POSTGRES} >/dev/null 2>&1 || true"),), "nothing says so"
    ),
    "after a refusal nobody starts the API": Sabotage(
        DAMAGED,
        (("RUNBOOK.md", f"{RESTORE_POSTGRES}\n", f"{RESTORE_POSTGRES} || exit 1\n"),),
        "the gateway does not serve",
    ),
    "two databases are mixed": Sabotage(FOREIGN, (("RUNBOOK.md", RESTORE_POSTGRES, PIPE),), "neither as it was nor"),
    "psql runs what the dump says": Sabotage(
        HOSTILE,
        (
            (POSTGRES_SCRIPT, "printf '\\\\restrict %s\\nSET", "printf '\\n%.0sSET"),
            (POSTGRES_SCRIPT, "\\n\\\\unrestrict %s\\nRESET", "\\n%.0sRESET"),
        ),
        "ran a program",
        Outcome.WARNING,
    ),
    "the newest backup instead of the named one": Sabotage(
        named_postgres, ((POSTGRES_SCRIPT, "FILE=$1\n", f"{NEWEST}\n"),), "did not bring it back"
    ),
    "what was added later stays": Sabotage(
        named_postgres, (("RUNBOOK.md", RESTORE_POSTGRES, PIPE),), "did not bring it back"
    ),
    "the database is dropped once the file looks whole": Sabotage(
        DAMAGED, ((POSTGRES_SCRIPT, "", DROPS_FIRST),), "the restore says so", Outcome.WARNING
    ),
    "the same, and what fails is passed over": Sabotage(
        DAMAGED, ((POSTGRES_SCRIPT, "", DROPS_FIRST.replace(" -v ON_ERROR_STOP=1", "")),), "neither as it was"
    ),
    "the old files of Redis do not return": Sabotage(
        REDIS, ((REDIS_SCRIPT, "[[ $STAGE != installed ]] || put_back", ":"),), "Redis"
    ),
    "Redis loses its files before the backup is looked at": Sabotage(
        REDIS, ((REDIS_SCRIPT, 'verify_file\nsay "', f'stop_server\n{EMPTY}\nverify_file\nsay "'),), "Redis"
    ),
    "a copy that nobody looks at": Sabotage(REDIS, (("RUNBOOK.md", RESTORE_REDIS, COPY),), "did not come back, either"),
    "an old append-only file is taken for the backup": Sabotage(
        named_redis,
        (
            (
                REDIS_SCRIPT,
                '"$DATA"/*.rdb "$DATA"/appendonlydir "$DATA"/*.aof; do',
                '"$DATA"/*.rdb "$DATA"/appendonlydir; do',
            ),
            (REDIS_SCRIPT, '    mkdir "$DATA/appendonlydir"\n', NO_AOF),
        ),
        "did not bring it back",
    ),
    "a name that is not there means the newest backup": Sabotage(
        DAMAGED, ((POSTGRES_SCRIPT, "FILE=$1\n", f"FILE=$1\n[[ -f $FILE ]] || {NEWEST}\n"),), "another backup than"
    ),
    "the same of Redis": Sabotage(
        REDIS, ((REDIS_SCRIPT, "FILE=$1\n", f"FILE=$1\n[[ -f $FILE ]] || {NEWEST_REDIS}\n"),), "another backup than"
    ),
    "another digest than the manifest's is no more than a warning": Sabotage(
        DAMAGED,
        ((POSTGRES_SCRIPT, 'die "$FILE não é o arquivo', 'say "$FILE não é o arquivo'),),
        "an altered dump: the restore sees",
        Outcome.WARNING,
    ),
    "an archive may write anywhere": Sabotage(
        CLIMBING, ((REDIS_SCRIPT, "    KEYS=0\n", ANYWHERE),), "outside of the folder"
    ),
}  # fmt: skip


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotaged_restore_from_a_bad_backup_is_seen(sabotage: Sabotage, tmp_path: Path) -> None:
    """Whatever loses the store, or keeps silent about a backup that was not restored, is a finding that says so."""
    with sabotaged(tmp_path, *sabotage.changes) as judge:
        seen = judge(sabotage.check)
    assert seen.outcome is sabotage.expected, seen.message
    said = [finding.message for finding in seen.record.findings if finding.outcome is sabotage.expected]
    assert any(sabotage.words in message for message in said), said


@pytest.mark.parametrize("check", [DAMAGED, FOREIGN, named_postgres])
def test_another_restore_is_not_accused(check: Callable[..., None], tmp_path: Path) -> None:
    """A script that does the same in another way, with other words and no manifest, is as good."""
    with sabotaged(tmp_path, (POSTGRES_SCRIPT, "", OTHER_POSTGRES)) as judge:
        seen = judge(check)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize("check", [REDIS, named_redis])
def test_redis_without_append_only_file_is_not_accused(check: Callable[..., None], tmp_path: Path) -> None:
    """The same holds where Redis keeps an RDB alone."""
    with sabotaged(tmp_path, ("redis/redis.conf", "appendonly yes", "appendonly no")) as judge:
        seen = judge(check)
    assert seen.outcome is Outcome.OK, seen.message


CUSTOM_BACKUP = """#!/bin/sh
set -eu
umask 077
file="$3/email-gateway-$1-$(date -u +%Y%m%d-%H%M%S).sql.gz"
PGPASSWORD=$DB_PASSWORD pg_dump -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -Fc -f "$file.part" "$DB_NAME"
mv "$file.part" "$file"
"""
CUSTOM_RESTORE = OTHER_POSTGRES.replace(
    'gzip -dc "$1" | tail -n 20 | grep -q "database dump complete" && gzip -t "$1"', 'pg_restore -f /dev/null "$1"'
).replace(
    'gzip -dc "$1" | db -1 -d fresh >/dev/null',
    'docker-compose exec -T postgres pg_restore -U postgres -1 -d fresh <"$1"',
)
ONE_FILE = """#!/bin/sh
set -eu
umask 077
redis-cli -h "$1" -p "$2" --rdb "$4/.rdb"
gzip -c "$4/.rdb" >"$4/redis-backup-$(date -u +%Y%m%d-%H%M%S).tar.gz"
"""


@pytest.mark.parametrize(
    ("check", "expected", "words"),
    [(HOSTILE, Outcome.NOT_APPLICABLE, "no commands of psql"), (FOREIGN, Outcome.OK, ""), (DAMAGED, Outcome.OK, "")],
    ids=["hostile", "foreign", "damaged"],
)
def test_backups_in_pg_dumps_own_format(
    check: Callable[..., None], expected: Outcome, words: str, tmp_path: Path
) -> None:
    """A form that can't be bad in one way is not unknown for it, and is tried in all others."""
    changes = ("scripts/backup-postgres.sh", "", CUSTOM_BACKUP), (POSTGRES_SCRIPT, "", CUSTOM_RESTORE)
    with sabotaged(tmp_path, *changes) as judge:
        seen = judge(check)
    assert seen.outcome is expected, seen.message
    assert words in seen.message


def test_backup_of_one_file_names_no_other(tmp_path: Path) -> None:
    """A packed RDB has no names in it: there is nothing that could lead outside."""
    with sabotaged(tmp_path, ("scripts/backup-redis.sh", "", ONE_FILE)) as judge:
        seen = judge(CLIMBING)
    assert seen.outcome is Outcome.NOT_APPLICABLE, seen.message


@pytest.mark.parametrize(("check", "heading"), [(DAMAGED, "Restaurar PostgreSQL"), (REDIS, "Restaurar Redis")])
def test_section_that_is_not_there_is_unknown(
    check: Callable[..., None], heading: str, judge: Judge, tmp_path: Path
) -> None:
    """Without the section nobody knows how to restore."""
    seen = judge.reading(tmp_path, (f"#### {heading}", "#### Outra coisa"))(check)
    assert seen.outcome is Outcome.UNKNOWN, seen.message


def test_restore_that_looks_for_the_newest_file_is_rehearsed(judge: Judge, tmp_path: Path) -> None:
    """A restore that names no file by its moment is given the one that the backup has left."""
    latest = '"$(ls -t ./backups/*.gz | head -n 1)"'
    seen = judge.reading(tmp_path, (RESTORE_POSTGRES, f"./scripts/restore-postgres.sh {latest}"))(DAMAGED)
    assert seen.outcome is Outcome.OK, seen.message


def test_backup_that_leaves_no_file_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """Where nobody can say which file is read, none is damaged, and nothing is green."""
    changes = (RESTORE_POSTGRES, "echo restored"), ("./scripts/backup-postgres.sh daily 7 ./backups", "echo done")
    seen = judge.reading(tmp_path, *changes)(DAMAGED)
    assert seen.outcome is Outcome.UNKNOWN, seen.message
    assert "nobody knows which file" in seen.message
