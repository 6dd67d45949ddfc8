"""Which files a restore reads, and which a document names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rehearsal.backups.names import backup_name, names_in
from rehearsal.runbook import RunbookError, procedure
from rehearsal.runbook.placeholders import find_placeholders
from tests.runbook.reading import read_text

MOMENT = datetime(2026, 11, 2, 1, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "command",
    [
        (
            "(cd backups/daily && sha256sum -c mailgw-AAAAMMDD-HHMMSS.sql.gz.sha256) &&"
            " gunzip -c ./backups/daily/mailgw-AAAAMMDD-HHMMSS.sql.gz | psql"
        ),
        (
            "sha256sum -c ./backups/daily/mailgw-AAAAMMDD-HHMMSS.sql.gz.sha256 &&"
            " gunzip -c ./backups/daily/mailgw-AAAAMMDD-HHMMSS.sql.gz | psql"
        ),
        "test -s mailgw-AAAAMMDD-HHMMSS.sql.gz; gunzip -c ./backups/daily/mailgw-AAAAMMDD-HHMMSS.sql.gz | psql",
    ],
    ids=["name without a folder first", "sums first", "test first"],
)
def test_sums_are_not_the_backup(command: str) -> None:
    """What a command looks at beside the backup is not what it restores."""
    runbook = read_text(f"# R\n\n## Restaurar PostgreSQL\n\n```bash\n{command}\n```\n")
    name = backup_name(procedure(runbook, "Restore PostgreSQL"))
    assert (name.folder, name.at(MOMENT)) == ("backups/daily", "mailgw-20261102-013005.sql.gz")


def test_names_of_a_document() -> None:
    """Each file that is named by its moment, in a folder, once; a name without a folder is what was unpacked."""
    text = """
    - `./backups/a-YYYYMMDD-HHMMSS.sql.gz`, and `./redis-backups/r-AAAA-MM-DD.rdb`.
    gunzip ./backups/a-YYYYMMDD-HHMMSS.sql.gz; psql -f a-YYYYMMDD-HHMMSS.sql; cat ./backups/AAAAMMDD_HHMM/db.dump
    """
    assert [str(one.at(MOMENT)) for one in names_in(text)] == ["a-20261102-013005.sql.gz", "r-2026-11-02.rdb"]


_NEWEST = 'restore.sh "$(ls -1t ./backups/gw-daily-*.sql.gz | head -1)"'


def test_day_before_the_year() -> None:
    """A name may begin with the day, and have letters between the parts of its hour."""
    made = names_in("`./backups/db_DD-MM-YYYY_HHhMMmSS.dump`")[0]
    assert made.stamp_text == "DD-MM-YYYY_HHhMMmSS"
    assert made.moment("db_09-11-2026_02h05m07.dump") == datetime(2026, 11, 9, 2, 5, 7, tzinfo=UTC)
    assert made.at(datetime(2026, 11, 9, 2, 5, 7, tzinfo=UTC)) == "db_09-11-2026_02h05m07.dump"
    found = find_placeholders("./restore.sh ./backups/db_DD-MM-YYYY_HHhMMmSS.dump")
    assert [one.text for one in found] == ["DD-MM-YYYY_HHhMMmSS"]


@pytest.mark.parametrize(
    ("command", "texts", "expected"),
    [
        (_NEWEST, ["FILE=$3/gw-$1-$(date -u +%Y%m%d-%H%M%S).sql.gz"], "gw-daily-20261102-013005.sql.gz"),
        (_NEWEST, ['date "+%F %T"', "date +%F_%H%M", "date -u +%Y-%m-%dT%H:%M:%SZ"], "gw-daily-2026-11-02_0130.sql.gz"),
        (_NEWEST, ["gw-$1-$(date +%Y%m%d)", "x-$(date +%Y-%m-%d)"], "gw-daily-20261102.sql.gz"),
        (_NEWEST, ['NAME = now.strftime("%Y%m%dT%H%M%SZ")'], "gw-daily-20261102T013005Z.sql.gz"),
        (_NEWEST, ["`./backups/gw-daily-YYYYMMDD.sql.gz`", "date +%F"], "gw-daily-20261102.sql.gz"),
        ("f=$(find ./backups -name 'gw-daily-*.sql.gz' | sort | tail -1)", ["date +%F"], "gw-daily-2026-11-02.sql.gz"),
    ],
    ids=["date", "among others", "in the script of that name", "python", "in the document", "find"],
)
def test_restore_of_the_newest(command: str, texts: list[str], expected: str) -> None:
    """Of a restore that takes the newest by a pattern others tell the form of the moment."""
    runbook = read_text(f"# R\n\n## Restaurar PostgreSQL\n\n```bash\n{command}\n```\n")
    name = backup_name(procedure(runbook, "Restore PostgreSQL"), texts)
    assert (name.folder, name.at(MOMENT)) == ("backups", expected)


@pytest.mark.parametrize(
    ("command", "texts"),
    [
        (_NEWEST, []),
        (_NEWEST, ["date +%F", "date +%Y%m%d"]),
        ('restore.sh "$(ls -1t ./backups/*.sql.gz | head -1)"', ["date +%F"]),
    ],
    ids=["nobody tells", "two forms", "any name"],
)
def test_newest_of_unknown_names(command: str, texts: list[str]) -> None:
    """Where nobody tells the form, or several do, nothing is guessed."""
    runbook = read_text(f"# R\n\n## Restaurar PostgreSQL\n\n```bash\n{command}\n```\n")
    with pytest.raises(RunbookError, match="its name with a placeholder"):
        backup_name(procedure(runbook, "Restore PostgreSQL"), texts)
