"""The next migration of a gateway, wherever it keeps them and however they are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.drills.new_code import migration_like
from rehearsal.gateway.description import Gateway


@pytest.mark.parametrize(
    ("files", "made"),
    [
        (["migrations/0001_a.sql", "migrations/0009_b.sql"], "migrations/0010_tok.sql"),
        (["db/changes/001-a.sql", "db/changes/002-b.sql", "db/seeds/1.sql"], "db/changes/003_tok.sql"),
        (["sql/V9__a.sql", "sql/V10__b.sql"], "sql/V11__tok.sql"),
        (["migrations/first.sql"], "migrations/first_tok.sql"),
        (["db/schema.sql", "node_modules/x/1.sql", "backups/2.sql", ".git/3.sql"], ""),
    ],
)
def test_next_migration(files: list[str], made: str, tmp_path: Path) -> None:
    """It comes after the last one, in its folder and by its pattern; where nothing is numbered there is none."""
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    gateway = Gateway.model_validate({"directory": tmp_path, "name": "team", "replica": {"migrate": ["node", "m.js"]}})
    found = migration_like(gateway, "tok", breaks=True)
    assert [*found] == ([made] if made else [])
    assert all("1 / 0" in text for text in found.values())
