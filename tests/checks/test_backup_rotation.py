"""Sabotage of the rotation, of the schedule, of the backups that a target has, and of the script that watches them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checks.backups import test_monitor_backups as monitor
from checks.backups import test_rotation as rotation
from checks.backups import test_schedule as schedule
from rehearsal.gateway.load import load_gateway
from rehearsal.replica import open_replica
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome, Result
from rehearsal.runbook import read_runbook
from tests.checks.conftest import REFERENCE
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

KEPT = rotation.test_postgres_backups_are_kept
OTHERS = rotation.test_other_backups_take_nothing_away
BEFORE_UPDATE = "# Fazer backup antes da atualização\n./scripts/backup-postgres.sh daily 7 ./backups"
REDIS_KEPT = rotation.test_redis_backups_are_kept
DUE = rotation.test_schedule_makes_backups
WATCHED = monitor.test_monitor_names_bad_backups
FRESH = schedule.test_postgres_backup_is_fresh
PROVEN = schedule.test_postgres_restore_is_proven
SCRIPT, COMMON, CRON = "scripts/backup-postgres.sh", "scripts/common.sh", "cron/email-gateway"
ROTATE = 'rotate "$DIR" "email-gateway-$KIND" .sql.gz "$DAYS" "$TARGET" ||'
NO_ROTATE = "true ||"


@dataclass(frozen=True)
class Change:
    """One change to a file of the gateway directory, and what it must lead to."""

    check: Callable[..., None]
    file: str
    old: str
    new: str
    outcome: Outcome
    words: str = ""


def _find(expression: str) -> str:
    return f'find "$DIR" {expression} -delete ||'


CHANGES = {
    "before an update, all but yesterday's": Change(
        OTHERS, "RUNBOOK.md", BEFORE_UPDATE, BEFORE_UPDATE.replace("7", "1"), Outcome.CRITICAL, "daily 1 ./backups`"
    ),
    "before an update, for longer": Change(
        OTHERS, "RUNBOOK.md", BEFORE_UPDATE, BEFORE_UPDATE.replace("7", "30"), Outcome.OK, "backups that must be kept"
    ),
    "before an update, in the same way": Change(
        OTHERS, "RUNBOOK.md", "# Fazer backup antes da atualização\n", "# Antes de tudo\n", Outcome.OK
    ),
    "nothing is deleted": Change(KEPT, SCRIPT, ROTATE, NO_ROTATE, Outcome.CRITICAL, "leaves what is older than the 7"),
    "every kind is": Change(
        KEPT, SCRIPT, ROTATE, _find("-name 'email-gateway-*.sql.gz*' -mtime +$DAYS"), Outcome.CRITICAL, "must be kept"
    ),
    "a day too early": Change(
        KEPT, SCRIPT, ROTATE, _find('-name "email-gateway-$KIND-*" -mtime +$((DAYS-2))'), Outcome.CRITICAL, "of 6 days"
    ),
    "a week for all": Change(KEPT, SCRIPT, "KIND=$1 DAYS=$2", "KIND=$1 DAYS=7", Outcome.CRITICAL, "of 14 days"),
    "another folder": Change(
        KEPT,
        SCRIPT,
        ROTATE,
        'find "$DIR"/.. -name "email-gateway-$KIND-*" -mtime +$DAYS -delete ||',
        Outcome.CRITICAL,
        "in another folder",
    ),
    "other files": Change(
        REDIS_KEPT,
        "scripts/backup-redis.sh",
        'rotate "$DIR" redis-backup .tar.gz "$DAYS" "$DIR/$NAME.tar.gz" ||',
        _find("-type f -mtime +$DAYS"),
        Outcome.WARNING,
        "no backup of this gateway",
    ),
    "a find that does it right": Change(
        KEPT, SCRIPT, ROTATE, _find('-maxdepth 1 -name "email-gateway-$KIND-*" -mtime +$DAYS'), Outcome.OK
    ),
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
    "other days than promised": Change(DUE, CRON, "monthly 90", "monthly 30", Outcome.CRITICAL, "must be kept"),
    "no weekly ones": Change(DUE, CRON, "30 2 * * 0", "# 30 2 * * 0", Outcome.WARNING, "promises weekly backups"),
    "too seldom": Change(DUE, CRON, "30 2 * * 0", "30 2 1 * *", Outcome.CRITICAL, "expected weekly backups"),
    "nonsense": Change(DUE, CRON, "0 2 * * *", "0 25 * * *", Outcome.UNKNOWN, "cron/email-gateway:7"),
    "the server's own programs": Change(
        DUE, CRON, "set -a && ", "docker-compose exec -T postgres pg_isready && set -a && ", Outcome.OK
    ),
    "a name for the hour": Change(DUE, CRON, "0 2 * * *", "00 02 * * mon-sun", Outcome.OK),
    "none": Change(DUE, "gateway.toml", 'crontab = "cron/email-gateway"', "", Outcome.NOT_APPLICABLE, "no schedule"),
    "a monitor that reads no file": Change(
        WATCHED, "scripts/monitor-backups.sh", "is_as_written() {\n", "is_as_written() {\n    return 0\n",
        Outcome.CRITICAL, "is cut off",
    ),
    "a monitor that knows no age": Change(
        WATCHED, "scripts/monitor-backups.sh", ".sql.gz 25 2", ".sql.gz 0 2", Outcome.CRITICAL, "three days old"
    ),
    "a monitor that knows no weekly": Change(
        WATCHED, "scripts/monitor-backups.sh", 'look "$ROOT/backups" email-gateway-weekly .sql.gz 169 1\n',
        'newest "$ROOT/backups" email-gateway-weekly .sql.gz >/dev/null\n', Outcome.WARNING, "the weekly backup",
    ),
    "a monitor that looks for the weekly among the daily": Change(
        WATCHED, "scripts/monitor-backups.sh", 'look "$ROOT/backups" email-gateway-weekly .sql.gz 169 1\n',
        'echo semanal; look "$ROOT/backups" email-gateway-daily .sql.gz 169 1\n', Outcome.CRITICAL, "weekly backup",
    ),
    "a monitor that knows no age of the monthly": Change(
        WATCHED, "scripts/monitor-backups.sh", "monthly .sql.gz 745 1", "monthly .sql.gz 0 1",
        Outcome.WARNING, "the monthly backup of PostgreSQL is 89 days old",
    ),
    "a monitor of the daily alone": Change(
        WATCHED, "scripts/monitor-backups.sh",
        'look "$ROOT/backups" email-gateway-weekly .sql.gz 169 1\nlook "$ROOT/backups" email-gateway-monthly .sql.gz'
        " 745 1\n",
        "", Outcome.OK,
    ),
    "a monitor as it is": Change(WATCHED, "scripts/monitor-backups.sh", "need gzip", "need  gzip", Outcome.OK),
    "a monitor that only lists": Change(
        WATCHED, "scripts/monitor-backups.sh", "set -euo pipefail\n", "ls -l backups redis-backups; exit 0\n",
        Outcome.CRITICAL, "is cut off",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_change_is_seen(change: Change, tmp_path: Path) -> None:
    """Whatever deletes, keeps, schedules or watches other than promised is a finding; what does it right is none."""
    directory = tmp_path / "gateway"
    shutil.copytree(REFERENCE, directory, ignore=shutil.ignore_patterns("backups", "redis-*", "logs"))
    file = directory / change.file
    text = file.read_text()
    assert change.old in text, f"{change.file} does not hold what the change replaces"
    file.write_text(text.replace(change.old, change.new))
    gateway = load_gateway(directory)
    with open_replica(gateway) as replica:
        seen = Judge(replica, gateway, read_runbook(directory / gateway.runbook))(change.check)
    assert seen.outcome is change.outcome, [finding.message for finding in seen.record.findings]
    said = [finding.message for finding in seen.record.findings if finding.outcome is change.outcome]
    assert change.outcome is Outcome.OK or any(change.words in message for message in said), said


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


def _put(replica: Replica, *moments: datetime, kind: str = "daily", text: str = "x") -> None:
    for moment in moments:
        path = f"backups/email-gateway-{kind}-{moment:%Y%m%d-%H%M%S}.sql.gz"
        run = replica.run_script(f"printf '{text}' > {path} && touch -d @{moment.timestamp():.0f} {path}", timeout=10)
        assert run.ok, run.stderr


def test_age_of_backups_is_seen(judge: Judge, replica: Replica) -> None:
    """Backups at their hour are ok; none, an old one, one at another hour, an empty one are told apart."""
    assert judge(FRESH).outcome is Outcome.NOT_APPLICABLE
    now = datetime.now(UTC)
    due = now.replace(hour=2, minute=0, second=0, microsecond=0)
    due -= timedelta(days=0 if due + timedelta(hours=1) < now else 1)
    _put(replica, *(due + timedelta(minutes=3) - timedelta(days=day) for day in range(7)))
    _put(replica, due, kind="weekly")
    _put(replica, due, kind="monthly")
    seen = judge(FRESH)
    assert seen.outcome is Outcome.OK, seen.message
    old = due - timedelta(days=40)
    _put(replica, old)
    seen = judge(FRESH)
    assert (seen.outcome, f"up to {(now - old).days} days" in seen.message) == (Outcome.WARNING, True), seen.message
    replica.run_script("rm backups/*", timeout=10)
    _put(replica, due - timedelta(days=3))
    seen = judge(FRESH)
    assert (seen.outcome, "expected a backup since" in seen.message) == (Outcome.CRITICAL, True), seen.message
    _put(replica, now, text="")
    seen = judge(FRESH)
    assert (seen.outcome, "is empty" in seen.message) == (Outcome.CRITICAL, True), seen.message
    replica.run_script("rm backups/*", timeout=10)
    _put(replica, due + timedelta(hours=1, minutes=1))
    seen = judge(FRESH)
    late = now > due + timedelta(hours=1, minutes=1)
    assert not late or "expected a backup made at 02:00" in seen.message, seen.message


def test_restore_is_proven_by_an_earlier_run(judge: Judge) -> None:
    """On a host, what counts is a restore of its own backup that a run saw within the promised days."""
    assert judge(PROVEN, earlier=()).outcome is Outcome.NOT_APPLICABLE

    class Host:
        name, is_replica = "gw1", False

    host = replace(judge, replica=Host())  # type: ignore[arg-type]  # only its name is asked for
    lately = datetime.now(UTC) - timedelta(days=3)
    proof = Result(
        node_id="checks/backups/test_live_backups.py::test_live_postgres_backup_restores",
        title="", section="Restaurar PostgreSQL", section_line=1, outcome=Outcome.OK, message="", action="",
        findings=(), measurements=(), evidence=(), started=lately, seconds=1.0,
        markers=("drill",), target="gw1",
    )  # fmt: skip
    assert host(PROVEN, earlier=[proof]).outcome is Outcome.OK
    for useless in (
        replace(proof, started=lately - timedelta(days=20)),
        replace(proof, target="replica of reference"),
        replace(proof, outcome=Outcome.CRITICAL),
    ):
        assert host(PROVEN, earlier=[useless]).outcome is Outcome.WARNING


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("7 dias (daily), 30 dias (weekly)", "algum tempo", "expected a retention"),
        ("- **Localização:** `./backups/`\n", "", "location"),
        ("#### Restaurar PostgreSQL", "#### Voltar o banco", "expected a heading"),
    ],
    ids=["retention", "location", "heading"],
)
@pytest.mark.parametrize("check", [KEPT, DUE, FRESH], ids=["rotation", "schedule", "age"])
def test_document_that_says_nothing_is_unknown(
    check: Callable[..., None], old: str, new: str, words: str, judge: Judge, tmp_path: Path
) -> None:
    """What the runbook does not say can't be judged, and the line is named."""
    seen = judge.reading(tmp_path, (old, new))(check)
    assert seen.outcome is Outcome.UNKNOWN, seen.message
    assert words in seen.message
