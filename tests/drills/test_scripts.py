"""Which script of the gateway a line runs, and for what."""

from __future__ import annotations

import pytest

from rehearsal.drills.scripts import asks_the_same
from rehearsal.runbook.model import Command


@pytest.mark.parametrize(
    ("line", "block", "same"),
    [
        ("cd /srv/gw && ./ops.sh backup db weekly >>log", ["./ops.sh backup db daily"], True),
        ("cd /srv/gw && ./ops.sh backup redis >>log", ["./ops.sh backup db daily"], False),
        ("./ops.sh logs tidy", ["cd /srv/gw", "./ops.sh backup db daily"], False),
        ("./scripts/backup.sh weekly 30 ./backups", ["./scripts/backup.sh daily 7 ./backups"], True),
        ("./scripts/backup.sh semanal", ["./scripts/backup.sh"], True),
        ("/srv/gw/scripts/backup.sh --quiet", ["./scripts/backup.sh"], True),
        ("./scripts/other.sh", ["./scripts/backup.sh"], False),
        ("pg_dump -U x y > z", ["pg_dump -U a b > c"], True),
    ],
)
def test_what_is_asked_of_a_script(line: str, block: list[str], *, same: bool) -> None:
    """A script that does several things is run for one of them; the kind of a backup is none of these."""
    assert asks_the_same(line, [Command(text, "", 1) for text in block]) is same
