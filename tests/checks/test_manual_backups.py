"""Sabotage of both manual backups: of the scripts, as others might write them; and healthy ones, written otherwise."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.backups import test_manual_postgres as postgres
from checks.backups import test_manual_redis as redis
from rehearsal.gateway.load import load_gateway
from rehearsal.replica import open_replica
from rehearsal.results.model import Outcome
from rehearsal.runbook import read_runbook
from tests.checks.conftest import REFERENCE
from tests.checks.judge import Judge, Verdict

_HEAD = """#!/usr/bin/env bash
export PGHOST=${DB_HOST:-localhost} PGPORT=${DB_PORT:-5432} PGUSER=${DB_USER:-postgres} PGDATABASE=$DB_NAME
export PGPASSWORD=$DB_PASSWORD
mkdir -p "$3"
FILE="$3/email-gateway-$1-$(date -u +%Y%m%d-%H%M%S).sql.gz"
"""
_STRICT = _HEAD + "set -euo pipefail\numask 077\n"
_ROTATE = 'find "$3" -maxdepth 1 -name "email-gateway-$1-*.sql.gz" -mtime +$2 -delete\n'
NAIVE = _HEAD + 'umask 077\npg_dump -w | gzip > "$FILE"\n' + _ROTATE
CAREFUL = (
    _STRICT + 'PART=$(mktemp "$3/.partXXXXXX")\ntrap \'rm -f "$PART"\' EXIT\n'
    'pg_dump -w | gzip > "$PART"\nchmod 666 "$PART"\nchmod "=rw,$(umask -S)" "$PART"\nmv "$PART" "$FILE"\n' + _ROTATE
)
IN_PLACE = (
    _STRICT + 'trap \'[ -n "${DONE:-}" ] || rm -f "$FILE"\' EXIT\npg_dump -w | gzip > "$FILE"\nDONE=1\n' + _ROTATE
)
AWAY_FIRST = CAREFUL.replace("trap", _ROTATE + "trap", 1)
TABLES = CAREFUL.replace(
    "pg_dump -w |",
    "{ for t in $(psql -wAtc \"SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'"
    ' ORDER BY 1"); do pg_dump -w -t "$t"; done; } |',
)
URL = CAREFUL.replace("pg_dump -w", 'pg_dump -w "postgresql://$PGUSER:$PGPASSWORD@$PGHOST:$PGPORT/$PGDATABASE"')
SHOWS = CAREFUL + 'echo "done with $PGPASSWORD"\n'
LOGS = CAREFUL + 'echo "done with $PGPASSWORD" >> /var/log/email-gateway-backup.log\n'
LOCKED = CAREFUL.replace("trap 'rm", 'mkdir "$3/.lock"\ntrap \'rmdir "$3/.lock"; rm')
OTHER_DATABASE = CAREFUL.replace("PGDATABASE=$DB_NAME", "PGDATABASE=postgres")
SAME_NAME = (
    CAREFUL.replace("%Y%m%d-%H%M%S", "%Y%m%d-000000")
    .replace("rm -f", 'rm -f "$FILE"', 1)
    .replace('mv "$PART" "$FILE"\n', 'mv "$PART" "$FILE"\ntrap - EXIT\n')
)
# Both empty it before either writes, and then both write to its end: no moment in which one goes unharmed.
ONE_PART = CAREFUL.replace('$(mktemp "$3/.partXXXXXX")', '"$3/.part"').replace(
    'pg_dump -w | gzip > "$PART"', ': > "$PART"\nsleep 1\npg_dump -w | gzip >> "$PART"'
)
# Whoever comes second takes away what the first one still writes, and the first waits for it without an end.
TAKES_AWAY = (
    _STRICT + 'rm -f "$3"/.part*\nPART=$(mktemp "$3/.partXXXXXX")\npg_dump -w | gzip > "$PART"\n'
    'until mv "$PART" "$FILE" 2>/dev/null; do sleep 0.2; done\n' + _ROTATE
)
# pg_dump runs where nothing tells that it broke off: in the container, with its status lost in a pipe.
INSIDE = CAREFUL.replace(
    'pg_dump -w | gzip > "$PART"',
    'docker-compose exec -T postgres sh -c "pg_dump -U $PGUSER $PGDATABASE | gzip" > "$PART"\n'
    'psql -wAtc "SELECT 1" > /dev/null',
)
QUIET = CAREFUL.replace("set -euo pipefail\n", "set -euo pipefail\nexec 2>/dev/null\n")
PATIENT = CAREFUL.replace("pg_dump -w", "until pg_dump -w 2>/dev/null; do sleep 0.2; done")

_ASK = """#!/usr/bin/env bash
set -euo pipefail
umask 077
export REDISCLI_AUTH=${3:-${REDIS_PASSWORD:-}}
[[ -n $REDISCLI_AUTH ]] || unset REDISCLI_AUTH
HOST=$1 PORT=$2
ask() { redis-cli -h "$HOST" -p "$PORT" "$@"; }
NAME=redis-backup-$(date -u +%Y%m%d-%H%M%S)
mkdir -p "$4"
WORK="$4/.$NAME.$$"
trap 'rm -rf "$WORK"' EXIT
mkdir "$4/.$NAME.$$" "$4/.$NAME.$$/$NAME"
"""
_PACK = """
tar -C "$4/.$NAME.$$" -czf "$4/.$NAME.$$/whole" "$NAME"
mv "$4/.$NAME.$$/whole" "$4/$NAME.tar.gz"
find "$4" -maxdepth 1 -name 'redis-backup-*.tar.gz' -mtime +$5 -delete
"""
BY_RDB = (
    _ASK
    + '[[ $(ask PING) == PONG ]] || { echo "no PONG" >&2; exit 1; }\nask --rdb "$4/.$NAME.$$/$NAME/dump.rdb"'
    + _PACK
)
STALE = _ASK + '[[ -f redis-data/dump.rdb ]] || ask SAVE\ncp redis-data/dump.rdb "$4/.$NAME.$$/$NAME/"' + _PACK
HOPEFUL = _ASK + 'ask BGSAVE\nsleep 1\ncp redis-data/dump.rdb "$4/.$NAME.$$/$NAME/"' + _PACK
# Packs what lies there, once the save is over: of a save that failed, the file of the one before.
UNSAVED = (
    _ASK
    + "[[ $(ask ECHO here) == here ]] || exit 1\nask BGSAVE\n"
    + "while ask INFO persistence | grep -q rdb_bgsave_in_progress:1; do sleep 0.1; done\n"
    + 'cp redis-data/dump.rdb "$4/.$NAME.$$/$NAME/"'
    + _PACK
)
# Looks at how the last save ended, and not at what it was told of this one.
UNASKED = UNSAVED.replace("cp redis", "ask INFO persistence | grep -q rdb_last_bgsave_status:ok\ncp redis", 1)
REDIS_IN_PLACE = BY_RDB.replace('-czf "$4/.$NAME.$$/whole"', '-czf "$4/$NAME.tar.gz"').replace(
    'mv "$4/.$NAME.$$/whole" "$4/$NAME.tar.gz"\n', ""
)
GOOD, LOUD = "whole", "loud"
CHECKS: dict[tuple[str, str], Callable[..., None]] = {
    ("postgres", GOOD): postgres.test_postgres_backup_is_whole_and_private,
    ("postgres", LOUD): postgres.test_failed_postgres_backup_is_loud,
    ("redis", GOOD): redis.test_redis_backup_is_whole_and_private,
    ("redis", LOUD): redis.test_failed_redis_backup_is_loud,
}


@dataclass(frozen=True)
class Script:
    """Another backup script, and what it must lead to."""

    store: str
    check: str
    text: str
    words: str
    """Of a critical finding; empty where all is well."""


SABOTAGES = {
    "an unchecked pipe": Script("postgres", LOUD, NAIVE, "leaves backups/"),
    "a file under its name from the start": Script("postgres", LOUD, IN_PLACE, "killed half way"),
    "old ones deleted before the new one is there": Script("postgres", LOUD, AWAY_FIRST, "deletes the newest good one"),
    "a lock that outlives its owner": Script("postgres", LOUD, LOCKED, "the next one makes no good backup"),
    "a pipe inside the container": Script("postgres", LOUD, INSIDE, "ends the backup's session half way"),
    "without a word": Script("postgres", LOUD, QUIET, "without a word"),
    "without an end": Script("postgres", LOUD, PATIENT, "does not end within"),
    "one name for all of a day": Script("postgres", LOUD, SAME_NAME, "there is one of today"),
    "one interim file for two": Script("postgres", GOOD, ONE_PART, "of two backups at the same time"),
    "another's interim file taken away": Script("postgres", GOOD, TAKES_AWAY, "one does not end within"),
    "table by table": Script("postgres", GOOD, TABLES, "of no one moment"),
    "readable by all": Script(
        "postgres", GOOD, CAREFUL.replace("umask 077\n", "umask 022\n"), "only its owner can read"
    ),
    "a password in a URL": Script("postgres", GOOD, URL, "among the arguments of"),
    "a password in what it says": Script("postgres", GOOD, SHOWS, "in what the backup said"),
    "a password in a log": Script("postgres", GOOD, LOGS, "a password is in"),
    "another database": Script("postgres", GOOD, OTHER_DATABASE, "lacks what PostgreSQL held"),
    "no save": Script("redis", GOOD, STALE, "neither left a file with what was written"),
    "an argument -a": Script(
        "redis", GOOD, BY_RDB.replace("redis-cli", "redis-cli ${REDISCLI_AUTH:+-a $REDISCLI_AUTH}"), "arguments of"
    ),
    "an answer that nobody reads": Script("redis", LOUD, HOPEFUL, "says success"),
    "a save that failed": Script("redis", LOUD, UNSAVED, "Redis can't save, the backup leaves"),
    "a save that is refused": Script("redis", LOUD, UNASKED, "begins no save, the backup leaves"),
    "a file of Redis under its name from the start": Script("redis", LOUD, REDIS_IN_PLACE, "killed half way"),
}


# A second one leaves at once, and nobody hears that it made nothing.
LEAVES = CAREFUL.replace("PART=", 'exec 9> "$3/.lock"\nflock -n 9 || exit 0\nPART=', 1)
HEALTHY = {
    "a folder that keeps others out": Script(
        "postgres",
        GOOD,
        CAREFUL.replace("umask 077", 'umask 022; [ -d "$3" ] || mkdir -m 700 "$3"').replace('mkdir -p "$3"\n', ""),
        "",
    ),
    "pg_dump's own format": Script("postgres", GOOD, CAREFUL.replace("pg_dump -w | gzip", "pg_dump -w -Fc"), ""),
    "in the container": Script(
        "postgres",
        LOUD,
        CAREFUL.replace("pg_dump -w", 'docker-compose exec -T postgres pg_dump -U "$PGUSER" "$PGDATABASE"'),
        "",
    ),
    "postgres": Script("postgres", GOOD, CAREFUL, ""),
    "postgres in trouble": Script("postgres", LOUD, CAREFUL, ""),
    "redis": Script("redis", GOOD, BY_RDB, ""),
    "redis in trouble": Script("redis", LOUD, BY_RDB, ""),
}


@pytest.fixture
def seen(script: Script, tmp_path: Path) -> Verdict:
    """What the check makes of a gateway with another backup script."""
    return _seen(script, tmp_path)


def _seen(script: Script, folder: Path, *edits: tuple[str, str]) -> Verdict:
    directory = folder / "gateway"
    shutil.copytree(REFERENCE, directory, ignore=shutil.ignore_patterns("backups", "redis-*", "logs"))
    (directory / "scripts" / f"backup-{script.store}.sh").write_text(script.text)
    document = directory / "RUNBOOK.md"
    for old, new in edits:
        assert old in document.read_text()
        document.write_text(document.read_text().replace(old, new))
    gateway = load_gateway(directory)
    brief = gateway.replica.model_copy(update={"command_timeout_seconds": 20})
    gateway = gateway.model_copy(update={"replica": brief})
    with open_replica(gateway) as replica:
        return Judge(replica, gateway, read_runbook(directory / gateway.runbook))(CHECKS[script.store, script.check])


@pytest.mark.parametrize("script", SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotaged_backup_is_seen(script: Script, seen: Verdict) -> None:
    """Whatever keeps a backup from being whole, private or loud is critical, and the finding says so."""
    assert seen.outcome is Outcome.CRITICAL, seen.message
    said = [finding.message for finding in seen.record.findings if finding.outcome is Outcome.CRITICAL]
    assert any(script.words in message for message in said), said


@pytest.mark.parametrize("script", HEALTHY.values(), ids=HEALTHY.keys())
def test_other_healthy_backup_is_not_accused(script: Script, seen: Verdict) -> None:
    """A script that does it in another way, and right, is ok."""
    assert seen.outcome is Outcome.OK, (script.store, [finding.message for finding in seen.record.findings])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("#### Backup Manual do PostgreSQL", "#### Outra coisa", "expected a heading 'Backup Manual do PostgreSQL'"),
        ("email-gateway-daily-YYYYMMDD-HHMMSS.sql.gz", "newest.sql.gz", "expected a command that reads a file"),
        ("- **Localização:** `./backups/`\n", "", "location"),
    ],
    ids=["no heading", "no name", "no location"],
)
def test_document_that_says_nothing_is_unknown(old: str, new: str, words: str, judge: Judge, tmp_path: Path) -> None:
    """Without the block, the file's name or its place there is nothing to judge by, and the line is named."""
    seen = judge.reading(tmp_path, (old, new))(postgres.test_postgres_backup_is_whole_and_private)
    assert seen.outcome is Outcome.UNKNOWN, seen.message
    assert words in seen.message


def test_second_one_that_makes_nothing_and_says_success_is_a_warning(tmp_path: Path) -> None:
    """Whoever waits for its backup has none; one that waits for the first, or says that it gives way, is fine."""
    seen = _seen(Script("postgres", GOOD, LEAVES, ""), tmp_path / "leaves")
    assert (seen.outcome, "makes none and says success" in seen.message) == (Outcome.WARNING, True), seen.message
    waits = LEAVES.replace("flock -n 9 || exit 0", "flock 9")
    assert _seen(Script("postgres", GOOD, waits, ""), tmp_path / "waits").outcome is Outcome.OK
    says = LEAVES.replace("|| exit 0", "|| { echo busy >&2; exit 75; }")
    assert _seen(Script("postgres", GOOD, says, ""), tmp_path / "says").outcome is Outcome.OK


def test_second_one_of_a_day_in_the_place_of_the_first_is_a_warning(tmp_path: Path) -> None:
    """Where names are said to tell the second, one name for all of a day costs the backup of an hour ago."""
    of_the_day = CAREFUL.replace("%Y%m%d-%H%M%S", "%Y%m%d-000000")
    seen = _seen(Script("postgres", GOOD, of_the_day, ""), tmp_path)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert any("took the place of the first" in one.message for one in seen.record.findings), seen.message


def test_what_failed_backups_leave_behind_is_a_warning(tmp_path: Path) -> None:
    """Half a dump that nobody ever removes fills the disk; one that a later backup clears away does not."""
    no_trap = CAREFUL.replace("trap 'rm -f \"$PART\"' EXIT\n", "")
    seen = _seen(Script("postgres", LOUD, no_trap, ""), tmp_path / "stays")
    assert seen.outcome is Outcome.WARNING, seen.message
    assert "what a failed backup has begun stays in" in seen.message
    tidy = no_trap.replace("PART=", 'find "$3" -name ".part*" -mtime +1 -delete\nPART=')
    assert _seen(Script("postgres", LOUD, tidy, ""), tmp_path / "tidy").outcome is Outcome.OK


def test_name_in_another_zone_is_a_warning(tmp_path: Path) -> None:
    """Where the document promises UTC in the names, local time is told; where it promises nothing, it is not."""
    local = Script("postgres", GOOD, CAREFUL.replace("date -u", "date"), "")
    assert _seen(local, tmp_path / "promised").outcome is Outcome.WARNING
    promise = " Os horários nos nomes dos backups são UTC."
    silent = _seen(local, tmp_path / "silent", (promise, ""))
    assert silent.outcome is Outcome.OK, silent.message
    other_words = _seen(local, tmp_path / "other", (promise, " Os carimbos de hora dos arquivos são UTC."))
    assert other_words.outcome is Outcome.WARNING, other_words.message


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ([], Outcome.OK),
        # With a moment in which something is sure to be written.
        (
            [(' \\\n    --snapshot="$(before @snapshot)"', ""), ("pg_dump --no", "sleep 1; pg_dump --no")],
            Outcome.CRITICAL,
        ),
    ],
    ids=["as it is", "of another moment"],
)
def test_manifest_of_another_moment_is_seen(changes: list[tuple[str, str]], outcome: Outcome, tmp_path: Path) -> None:
    """Rows that are counted at another moment than the dump is of have a restore refuse what is good."""
    text = (REFERENCE / "scripts" / "backup-postgres.sh").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    seen = _seen(Script("postgres", GOOD, text, ""), tmp_path)
    assert seen.outcome is outcome, seen.message
    assert any(".manifest" in str(one) for one in (*seen.record.findings, *seen.record.evidence)), seen.record
