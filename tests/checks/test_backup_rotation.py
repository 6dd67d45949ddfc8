"""Sabotage of the rotation, of the schedule, of the backups that a target has, and of the script that watches them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checks.backups import test_monitor_backups as monitor
from checks.backups import test_rotation as rotation
from checks.backups import test_schedule as schedule
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome, Result
from tests.checks.changes import Change, judge_change
from tests.checks.judge import Judge

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
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_change_is_seen(change: Change, tmp_path: Path) -> None:
    """Whatever deletes or keeps other than promised is a finding; what does it right is none."""
    judge_change(change, tmp_path)


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
        ("#### Restaurar PostgreSQL", "#### Outra coisa", "expected a heading"),
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
