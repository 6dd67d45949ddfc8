"""Sabotage of the schedule of backups: at other hours, of other days, unheard when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.backups import test_rotation as rotation
from rehearsal.results.model import Outcome
from tests.checks.changes import Change, judge_change
from tests.checks.sabotaged import sabotaged

DUE = rotation.test_schedule_makes_backups
CRON = "cron/email-gateway"
CHANGES = {
    "another hour": Change(DUE, CRON, "0 2 * * *", "0 14 * * *", Outcome.CRITICAL, "due at 14:00"),
    "workdays": Change(DUE, CRON, "0 2 * * *", "0 2 * * 1-5", Outcome.CRITICAL, "of 100 days at that hour"),
    "no folder": Change(DUE, CRON, "cd /opt/email-gateway && ", "", Outcome.CRITICAL, "run as cron does"),
    "no password": Change(DUE, CRON, "set -a && . ./cron/environment && ", "", Outcome.CRITICAL, "run as cron does"),
    "an unescaped percent": Change(
        DUE, CRON, ">> ./logs/backup.log", '>> "./logs/$(date +%F).log"', Outcome.CRITICAL, "run as cron does"
    ),
    "errors that go nowhere": Change(
        DUE, CRON, ">> ./logs/backup.log", "> /dev/null 2>&1", Outcome.WARNING, "nobody hears"
    ),
    "errors that cron may not mail": Change(
        DUE, CRON, "0 2 * * *", 'MAILTO=""\n0 2 * * *', Outcome.WARNING, "nobody hears"
    ),
    "a monitor of which nobody hears": Change(
        DUE, CRON, "0 2 * * *",
        "0 9 * * * cd /opt/email-gateway && ./scripts/monitor-backups.sh >> ./logs/backup.log || echo bad\n0 2 * * *",
        Outcome.WARNING, "without backups nobody hears of it: `cd",
    ),
    "a monitor whose status is heard": Change(
        DUE, CRON, "0 2 * * *",
        "0 9 * * * cd /opt/email-gateway && ./scripts/monitor-backups.sh --strict >> ./logs/backup.log || echo backups"
        "\n0 2 * * *",
        Outcome.OK,
    ),
    "errors that a monitor hears of": Change(
        DUE, CRON, ">> ./logs/backup.log", "> /dev/null 2>&1\n0 9 * * * /opt/email-gateway/scripts/monitor-backups.sh",
        Outcome.OK,
    ),
    "errors of the weekly that go nowhere": Change(
        DUE, CRON, "weekly 30 ./backups >> ./logs/backup.log", "weekly 30 ./backups > /dev/null 2>&1",
        Outcome.WARNING, "weekly 30",
    ),
    "errors that only a log tells where mail is promised": Change(
        DUE, CRON, ">> ./logs/backup.log", ">> ./logs/backup.log 2>&1", Outcome.WARNING, "promises more than a log"
    ),
    "errors and a monitor that go nowhere": Change(
        DUE, CRON, ">> ./logs/backup.log",
        "> /dev/null 2>&1\n0 9 * * * /opt/email-gateway/scripts/monitor-backups.sh > /dev/null 2>&1",
        Outcome.WARNING, "nobody hears",
    ),
    "errors beside a monitor of something else": Change(
        DUE, CRON, ">> ./logs/backup.log",
        "> /dev/null 2>&1\n*/5 * * * * curl -fsS -o /dev/null http://localhost/health/readyz || mail -s API ops",
        Outcome.WARNING, "nobody hears",
    ),
    "errors that a line of cron hears of": Change(
        DUE, CRON, ">> ./logs/backup.log",
        "> /dev/null 2>&1\n0 9 * * * cd /opt/email-gateway && for kind in daily weekly monthly; do"
        " ls ./backups | grep -q $kind || echo nenhum backup $kind; done",
        Outcome.OK,
    ),
    "errors that somebody else is told": Change(
        DUE, CRON, ">> ./logs/backup.log", "> /dev/null 2>&1 || logger -t backup failed", Outcome.OK
    ),
    "another database than the one that nobody names": Change(
        DUE, "scripts/backup-postgres.sh", "${DB_NAME:-email_gateway}", "${DB_NAME:-postgres}", Outcome.CRITICAL,
        "is no good backup",
    ),
    "other days than promised": Change(DUE, CRON, "monthly 90", "monthly 30", Outcome.CRITICAL, "must be kept"),
    "no weekly ones": Change(DUE, CRON, "30 2 * * 0", "# 30 2 * * 0", Outcome.WARNING, "promises weekly backups"),
    "each minute of an hour": Change(DUE, CRON, "0 2 * * *", "* 2 * * *", Outcome.WARNING, "making 60 on one day"),
    "too seldom": Change(DUE, CRON, "30 2 * * 0", "30 2 1 * *", Outcome.CRITICAL, "expected weekly backups"),
    "on another day of the week": Change(
        DUE, "RUNBOOK.md", "Diário às 02:00", "Diário às 02:00, semanal às segundas às 02:30", Outcome.CRITICAL,
        "expected weekly backups on Mondays at 02:30, found them due on Sunday",
    ),
    "on the days that are promised": Change(
        DUE, "RUNBOOK.md", "Diário às 02:00",
        "Diário às 02:00, semanal aos domingos às 02:30, mensal no dia 1 às 03:00", Outcome.OK,
    ),
    "a day of the month or one of the week": Change(
        DUE, CRON, "0 3 1 * *", "0 3 1-7 * 0", Outcome.WARNING, "due in 400 days"
    ),
    "each day of one month": Change(
        DUE, CRON, "0 3 1 * *", "0 3 * 1 *", Outcome.CRITICAL, "expected monthly backups, found them up to 3"
    ),
    "nonsense": Change(DUE, CRON, "0 2 * * *", "0 25 * * *", Outcome.UNKNOWN, "cron/email-gateway:7"),
    "the server's own programs": Change(
        DUE, CRON, "set -a && ", "docker-compose exec -T postgres pg_isready && set -a && ", Outcome.OK
    ),
    "a profile that sets PATH": Change(DUE, CRON, "0 2 * * * ", "0 2 * * * . /etc/profile; ", Outcome.OK),
    "a PATH of its own": Change(
        DUE, CRON, "0 2 * * * ", "0 2 * * * PATH=/usr/local/bin:/usr/bin:/bin; export PATH; ", Outcome.OK
    ),
    "a shell that logs in": Change(
        DUE, CRON, "0 2 * * * cd /opt/email-gateway && set -a && . ./cron/environment && ./scripts/backup-postgres.sh",
        "0 2 * * * cd /opt/email-gateway && set -a && . ./cron/environment && env PATH=/usr/bin:/bin bash -lc"
        " './scripts/backup-postgres.sh \"$@\"' run", Outcome.OK
    ),
    "a name for the hour": Change(DUE, CRON, "0 2 * * *", "00 02 * * mon-sun", Outcome.OK),
    "none": Change(DUE, "gateway.toml", 'crontab = "cron/email-gateway"', "", Outcome.NOT_APPLICABLE, "no schedule"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_change_is_seen(change: Change, tmp_path: Path) -> None:
    """Whatever makes backups other than promised, or fails unheard, is a finding; what does it right is none."""
    judge_change(change, tmp_path)


@pytest.mark.parametrize("named", [True, False], ids=["as in the block", "by another way"])
def test_scripts_without_an_ending(named: bool, tmp_path: Path) -> None:  # noqa: FBT001  a parameter
    """Entries are known by the block's script, whatever its name; where none is, one that makes nothing is no fault."""
    entry = "./scripts/dump-db" if named else "sh ./tools/nightly"
    renamed = ("./scripts/backup-postgres.sh", "./scripts/dump-db")
    other = 'PATH=/usr/bin:/bin:/opt/email-gateway/tools\n0 5 * * * echo "nothing to do with it"\n0 2 * * *'
    changes = [
        ("RUNBOOK.md", *renamed),
        (CRON, renamed[0], entry),
        (CRON, "0 2 * * *", other),
        ("scripts/dump-db", "", '#!/bin/bash\nexec ./scripts/backup-postgres.sh "$@"\n'),
    ]
    (tmp_path / "x").mkdir()
    with sabotaged(tmp_path / "x", *changes, wait=60) as judge:
        judge.replica.run_script(
            "chmod 755 scripts/dump-db; mkdir -p tools; cp scripts/dump-db tools/nightly", timeout=10
        )
        seen = judge(DUE)
    assert seen.outcome is Outcome.OK, [finding.message for finding in seen.record.findings]


def test_folder_by_a_name_and_passwords_that_are_exported(tmp_path: Path) -> None:
    """A crontab may name its folder once, a file of passwords export them, and a list say what is kept."""
    entries = ("cd /opt/email-gateway && set -a && . ./cron/environment &&", "cd $GW && . $GW/cron/environment &&")
    kept = "7 dias (daily), 30 dias (weekly), 90 dias (monthly)"
    changes = [
        (CRON, *entries),
        (CRON, "0 2 * * *", "GW=/opt/email-gateway\n0 2 * * *"),
        ("cron/environment.example", "", "export DB_PASSWORD=secret\n"),
        ("RUNBOOK.md", kept, "\n  - diários: 7 dias\n  - semanais: 30 dias\n  - mensais: 90 dias"),
    ]
    with sabotaged(tmp_path, *changes, wait=60) as judge:
        seen = judge(DUE)
    assert seen.outcome is Outcome.OK, [finding.message for finding in seen.record.findings]
    lines = judge.runbook.text.splitlines()
    assert {number for number, line in enumerate(lines, 1) if line.startswith("  - mensais")} <= seen.record.lines


def test_more_days_than_promised_are_told(tmp_path: Path) -> None:
    """Cron takes a day of the month or one of the week, where an entry names both: each Monday is no first."""
    said = ("RUNBOOK.md", "Diário às 02:00", "Diário às 02:00, mensal no dia 1 às 03:00")
    with sabotaged(tmp_path, said, (CRON, "0 3 1 * *", "0 3 1 * 1"), wait=60) as judge:
        seen = judge(DUE)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert "expected monthly backups on day 1 at 03:00, found 13 such in 400 days and" in seen.message


@pytest.mark.parametrize("verb", ["backup", "backups"], ids=["as in the block", "mistyped"])
def test_one_script_for_many_things(verb: str, tmp_path: Path) -> None:
    """Where one script does all, an entry that asks something else of it makes no backup, which is no fault of it."""
    ops = '#!/bin/bash\ncase $1 in backup) shift; exec ./scripts/backup-postgres.sh "$@" ;; tidy) ;; *) exit 2; esac\n'
    changes = [
        ("RUNBOOK.md", "./scripts/backup-postgres.sh daily", "bash ./scripts/ops.sh backup daily"),
        (CRON, "./scripts/backup-postgres.sh", f"bash ./scripts/ops.sh {verb}"),
        (CRON, "0 2 * * *", "0 5 * * * cd /opt/email-gateway && bash ./scripts/ops.sh tidy\n0 2 * * *"),
        ("scripts/ops.sh", "", ops),
    ]
    with sabotaged(tmp_path, *changes, wait=60) as judge:
        seen = judge(DUE)
    said = [finding.message for finding in seen.record.findings]
    assert seen.outcome is (Outcome.OK if verb == "backup" else Outcome.CRITICAL), said
    assert not any("tidy" in message for message in said), said


@pytest.mark.parametrize(("user", "outcome"), [("nobody", Outcome.CRITICAL), ("root", Outcome.OK)])
def test_user_of_an_entry(user: str, outcome: Outcome, tmp_path: Path) -> None:
    """Entries of /etc/cron.d name a user: one to whom nothing belongs reads no password and writes no backup."""
    named = ("gateway.toml", "# with_user = true", "with_user = true")
    with sabotaged(tmp_path, named, (CRON, " cd /opt", f" {user} cd /opt")) as judge:
        seen = judge(DUE)
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "found nobody" in seen.message


@pytest.mark.parametrize("words", ["O que falha chega por e-mail.", ""], ids=["mail", "log"])
def test_log_is_heard_where_no_mail_is_promised(words: str, tmp_path: Path) -> None:
    """A log that the document lists tells of a failure, unless the document promises that mail does."""
    said = ("RUNBOOK.md", "O que falha chega por e-mail.", words)
    with sabotaged(tmp_path, said, (CRON, ">> ./logs/backup.log", ">> ./logs/backup.log 2>&1"), wait=60) as judge:
        seen = judge(DUE)
    assert seen.outcome is (Outcome.WARNING if words else Outcome.OK), seen.message


def test_database_that_the_team_names_for_cron_is_given(tmp_path: Path) -> None:
    """What the crontab says that its file of passwords sets, that file sets in a replica, too."""
    asks = ("scripts/backup-postgres.sh", "${DB_NAME:-email_gateway}", "${DB_NAME:?}")
    with sabotaged(tmp_path, asks, (CRON, "DB_PASSWORD=...", "DB_PASSWORD=... e DB_NAME=...")) as judge:
        assert judge(DUE).outcome is Outcome.OK
