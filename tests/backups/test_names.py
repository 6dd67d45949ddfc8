"""Which files a restore reads, and which a document names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rehearsal.backups.names import backup_name, names_in
from rehearsal.runbook import procedure
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
