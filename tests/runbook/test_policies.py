"""Backup policies and the words of time in them."""

from datetime import time

import pytest

from rehearsal.runbook import Runbook, RunbookError, backup_policy
from rehearsal.runbook.schedules import NotAScheduleError, daily_time, interval_days, retention_days, rhythm_of
from tests.runbook.reading import read_text

GOOD = {
    "Frequência": "Diário às 02:00",
    "Retenção": "7 dias",
    "Localização": "`./backups/` no host",
    "Validação": "Quinzenal",
}


def _policy(**changes: str) -> Runbook:
    lines = {**GOOD, **changes}
    items = [f"- **{label}:** {value}" for label, value in lines.items() if value != "-"]
    return read_text("\n".join(["# R", "## Backups Automáticos", "### PostgreSQL", *items]) + "\n")


@pytest.mark.parametrize(
    ("frequency", "hour"),
    [
        ("Diário às 02:00", time(2)),
        ("Daily at 02:30", time(2, 30)),
        ("Diariamente às 2h", time(2)),
        ("Todos os dias às 2h15 (UTC)", time(2, 15)),
        ("Every day at 2:00 PM", time(14)),
        ("Daily, 12 am", time(0)),
        ("Daily", None),
        ("Diário, a cada 6h", None),
        ("Semanal aos domingos às 02:00", None),
        ("Manual ou sob demanda", None),
        ("todo dia às 03:15", time(3, 15)),
        ("toda noite às 3h", time(3)),
        ("Todas as noites, às 10h da noite", time(22)),
        ("Every night at 1:30", time(1, 30)),
        ("Domingos às 03:00", None),
        ("Nos dias úteis às 03:00", None),
    ],
)
def test_daily_time(frequency: str, hour: time | None) -> None:
    """Only a daily backup with an hour has one."""
    assert daily_time(frequency) == hour


def test_impossible_hour_is_refused() -> None:
    """25:00 is on no clock."""
    with pytest.raises(NotAScheduleError, match="25:00"):
        daily_time("Diário às 25:00")


def test_hour_of_an_unknown_rhythm_is_refused() -> None:
    """An hour that nobody knows the days of is a question, never "at no hour"."""
    with pytest.raises(NotAScheduleError, match=r"expected how often.*found `de vez em quando às 03:00`"):
        daily_time("de vez em quando às 03:00")


SAID = "Diário às 02:15, semanal aos domingos às 03:15, mensal no dia 1 às 04:15"


@pytest.mark.parametrize(
    ("frequency", "kind", "rhythm"),
    [
        (SAID, "weekly", (6, None, time(3, 15))),
        (SAID, "monthly", (None, 1, time(4, 15))),
        (SAID, "yearly", (None, None, None)),
        ("Daily at 01:00, weekly on Saturdays, monthly on the 15th at 3 am", "weekly", (5, None, None)),
        ("Daily at 01:00, weekly on Saturdays, monthly on the 15th at 3 am", "monthly", (None, 15, time(3))),
        ("Diário; semanal de sábado para domingo", "weekly", (None, None, None)),
        ("Semanal às 25:00", "weekly", (None, None, None)),
    ],
)
def test_rhythm(frequency: str, kind: str, rhythm: tuple[int | None, int | None, time | None]) -> None:
    """The day and hour of a kind stand behind its word; what is not clear is not said."""
    assert rhythm_of(frequency, kind) == rhythm


@pytest.mark.parametrize(
    ("retention", "days"),
    [
        ("7 dias", {"daily": 7}),
        ("7 dias (daily), 30 dias (weekly), 90 dias (monthly)", {"daily": 7, "weekly": 30, "monthly": 90}),
        ("7 dias (diário), 35 dias (semanal; 5 arquivos)", {"daily": 7, "weekly": 35}),
        ("7 days (diário); 4 weeks (semanal) e 3 meses (mensal)", {"daily": 7, "weekly": 28, "monthly": 90}),
        ("Daily: 7 days, yearly: 2 years", {"daily": 7, "yearly": 730}),
        ("1 semana (rotação automática)", {"daily": 7}),
        ("10 dias os diários, 35 dias os semanais, 180 dias os mensais", {"daily": 10, "weekly": 35, "monthly": 180}),
        ("7 diários, 4 semanais e 3 mensais", {"daily": 7, "weekly": 28, "monthly": 90}),
    ],
)
def test_retention(retention: str, days: dict[str, int]) -> None:
    """Figures in days by kind; a single one is of the daily backups."""
    assert retention_days(retention) == days


@pytest.mark.parametrize(
    "retention", ["sete dias", "7", "0 dias", "7 dias, 30 dias", "7 dias (daily), 8 dias (daily)", "para sempre"]
)
def test_retention_that_says_nothing_is_refused(retention: str) -> None:
    """No figure, no unit, no kind, or two for one kind."""
    with pytest.raises(NotAScheduleError, match="retention"):
        retention_days(retention)


@pytest.mark.parametrize(
    ("interval", "days"),
    [
        ("Quinzenal", 15), ("Fortnightly", 14), ("Semanal", 7), ("Weekly", 7), ("Mensal (restauração)", 30),
        ("Trimestral", 90), ("A cada 10 dias", 10), ("Every 2 weeks", 14), ("de vez em quando", None), ("", None),
    ],
)  # fmt: skip
def test_interval(interval: str, days: int | None) -> None:
    """Known words in days, others not guessed."""
    assert interval_days(interval) == days


def test_good_policy() -> None:
    """The location is the path in code, without the words behind it."""
    policy = backup_policy(_policy(), "postgres")
    assert (policy.location, policy.place.line, policy.frequency) == ("./backups/", 3, "Diário às 02:00")


def test_retention_in_a_list_of_its_own() -> None:
    """What stands below a label that says nothing itself is what it says."""
    kept = "\n  - diários: 7 dias\n  - semanais: 30 dias\n  - mensais: 90 dias"
    policy = backup_policy(_policy(Retenção=kept), "PostgreSQL")
    assert policy.retention_days == {"daily": 7, "weekly": 30, "monthly": 90}
    assert policy.location == "./backups/"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Frequência": "-"}, ":3: 'PostgreSQL': .*names the frequency"),
        ({"Retenção": "sete dias"}, ":5: 'PostgreSQL': .*found `sete dias`"),
        ({"Localização": ""}, ":6: 'PostgreSQL': .*names the location"),
        ({"Frequência": "Diário às 31:00"}, ":4: 'PostgreSQL': .*31:00"),
        ({"Retention": "8 days"}, ":8: 'PostgreSQL': .*one line for the retention, found another at line 5"),
    ],
)
def test_bad_policy_names_its_line(changes: dict[str, str], expected: str) -> None:
    """What is missing or wrong is said with the line that it stands in."""
    with pytest.raises(RunbookError, match=f"^RUNBOOK.md{expected}"):
        backup_policy(_policy(**changes), "PostgreSQL")


def test_missing_policy_says_what_there_is() -> None:
    """A store without a policy is an error of that store."""
    with pytest.raises(RunbookError, match=r"^RUNBOOK.md:2: 'Backups Automáticos': .*Redis, found PostgreSQL$"):
        backup_policy(_policy(), "Redis")


def test_doubled_policy_is_an_error() -> None:
    """Two policies of one store leave no answer."""
    store = "### {}\n- Frequency: Daily\n- Retention: 7 days\n- Location: ./b\n"
    runbook = read_text("# R\n" + store.format("Redis") + store.format("2. redis"))
    with pytest.raises(RunbookError, match="lines 2, 6"):
        backup_policy(runbook, "Redis")


@pytest.mark.parametrize("name", ["**{}**", "{}:", "__{}:__"])
def test_stores_named_in_a_line_above_their_list(name: str) -> None:
    """Where no heading parts them, a line with the name of a store alone does."""
    of_store = "\n\n- Frequência: todo dia às {}\n- Retenção: 7 dias\n- Onde fica: `./{}`\n\n"
    runbook = read_text(
        "# R\n## Backups automáticos\n\nO cron faz todos.\n\n"
        + (name.format("Banco (PostgreSQL)") + of_store.format("03:15", "banco"))
        + (name.format("Redis") + of_store.format("03:45", "fila"))
    )
    postgres, redis = backup_policy(runbook, "PostgreSQL"), backup_policy(runbook, "Redis")
    assert (postgres.daily_at, postgres.location, postgres.place.line) == (time(3, 15), "./banco", 6)
    assert (redis.daily_at, redis.location, redis.place.line) == (time(3, 45), "./fila", 12)


def test_table_of_backups() -> None:
    """Rows of one store are one policy; a table without place or retention is none of ours."""
    runbook = read_text(
        "# R\n## Automatic Backups\n\n| What | When | Kept for | Where |\n|---|---|---|---|\n"
        "| PostgreSQL, daily | every day at 01:30 | 14 days | `./backups/db/` |\n"
        "| PostgreSQL, weekly | Sundays 02:15 | 56 days | `./backups/db/` |\n"
        "| Redis | Daily at 01:45 | 10 days | ./backups/q |\n"
        "\n| What | When |\n|---|---|\n| Tea | Daily |\n"
    )
    postgres, redis = backup_policy(runbook, "PostgreSQL"), backup_policy(runbook, "Redis")
    assert (postgres.daily_at, postgres.retention_days) == (time(1, 30), {"daily": 14, "weekly": 56})
    assert (postgres.location, postgres.place.line) == ("./backups/db/", 6)
    assert (redis.daily_at, redis.retention_days, redis.location) == (time(1, 45), {"daily": 10}, "./backups/q")
    assert len(runbook.backup_policies) == 2


def test_bad_row_of_a_table_is_an_error_of_its_store() -> None:
    """What makes no sense names its line; the other store is read."""
    runbook = read_text(
        "# R\n## Automatic Backups\n\n| Store | Schedule | Retention | Folder |\n|---|---|---|---|\n"
        "| PostgreSQL | daily at 25:30 | 14 days | ./b |\n| Redis | Daily at 01:45 | 10 days | ./q |\n"
    )
    assert backup_policy(runbook, "Redis").retention_days == {"daily": 10}
    with pytest.raises(RunbookError, match=r"RUNBOOK\.md:6: .*25:30"):
        backup_policy(runbook, "PostgreSQL")
