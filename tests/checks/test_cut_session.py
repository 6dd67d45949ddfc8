"""A dump whose session is ended half way, by the reference's own script, which names it as it likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.backups import test_manual_postgres as postgres
from rehearsal.results.model import Outcome
from tests.checks.sabotaged import Change, sabotaged

# What keeps the reference's script from taking half a dump for a backup.
CARELESS = [
    ("scripts/backup-postgres.sh", '|| die "pg_dump não chegou ao fim; nenhum backup foi criado."', '|| say "AVISO"'),
    ("scripts/backup-postgres.sh", 'is_whole_dump "$WORK/dump.sql.gz"', 'gzip -t "$WORK/dump.sql.gz"'),
]


@pytest.mark.parametrize("changes", [[], CARELESS], ids=["as it is", "careless"])
def test_session_of_a_dump_of_any_name_is_cut(changes: list[Change], tmp_path: Path) -> None:
    """pg_dump calls itself what PGAPPNAME says: its session is known by what it asks, and the drill is no empty one."""
    with sabotaged(tmp_path, *changes) as judge:
        seen = judge(postgres.test_failed_postgres_backup_is_loud)
    assert seen.outcome is (Outcome.CRITICAL if changes else Outcome.OK), seen.message
    assert not any("was not tried" in str(one) for one in seen.record.evidence)
    assert not changes or "session half way, the backup leaves" in seen.message
