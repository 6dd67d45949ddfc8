"""What kinds of backups are called, and how one kind's name becomes another's."""

from __future__ import annotations

import pytest

from rehearsal.backups.kinds import kind_in, renamed, style_of
from rehearsal.drills.rotation import commands_for
from rehearsal.runbook import Command

PROMISED = ("daily", "weekly", "monthly")


@pytest.mark.parametrize(
    ("text", "kind", "weekly"),
    [
        ("./backups/gw-daily-YYYYMMDD.sql.gz", "daily", "./backups/gw-weekly-YYYYMMDD.sql.gz"),
        ("backups/banco/diario/correio-YYYYMMDD.dump", "daily", "backups/banco/semanal/correio-YYYYMMDD.dump"),
        ("copias/mensais/m_AAAAMMDD.sql", "monthly", "copias/semanais/m_AAAAMMDD.sql"),
        ("backups/day/day_AAAAMMDD.sql", "daily", "backups/week/week_AAAAMMDD.sql"),
        ("backups/diária/x-YYYYMMDD.sql", "daily", "backups/semanal/x-YYYYMMDD.sql"),
        ("backups/holiday/monday-mesa-YYYYMMDD.sql", "", "backups/holiday/monday-mesa-YYYYMMDD.sql"),
    ],
)
def test_names_tell_their_kind_in_their_own_words(text: str, kind: str, weekly: str) -> None:
    """English or Portuguese, singular or plural; a part of another word is none."""
    assert kind_in(text, PROMISED) == kind
    assert renamed(text, kind, "weekly") == weekly
    assert renamed(text, kind, kind) == text


def test_only_kinds_that_are_promised_count() -> None:
    """A word of a kind that nobody promises says nothing."""
    assert kind_in("backup.sh anual", PROMISED) == ""
    assert style_of("backup.sh anual", ["yearly"])["daily"] == "diario"


def test_command_of_one_kind_becomes_that_of_another() -> None:
    """The word and the days change, in the words of the command; a path that holds the word stays."""
    commands = [Command("cd /srv/diario", "", 1), Command("bin/backup.sh diario 14 ./copias", "", 2)]
    changed = commands_for(commands, ("daily", 14), ("weekly", 60))
    assert changed is not None
    assert [one.text for one in changed] == ["cd /srv/diario", "bin/backup.sh semanal 60 ./copias"]
    assert commands_for(commands[:1], ("daily", 14), ("weekly", 60)) is None
