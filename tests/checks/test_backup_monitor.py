"""Sabotage of the script that watches backups."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.backups import test_monitor_backups as monitor
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin.monitor_backups import monitor_of_backups
from rehearsal.results.model import Outcome
from tests.checks.changes import Change, judge_change
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

WATCHED = monitor.test_monitor_names_bad_backups
CHANGES = {
    "a monitor that reads no file": Change(
        WATCHED, "scripts/monitor-backups.sh", "is_as_written() {\n", "is_as_written() {\n    return 0\n",
        Outcome.CRITICAL, "is cut off",
    ),
    "a monitor that knows no age": Change(
        WATCHED, "scripts/monitor-backups.sh", ".sql.gz 25 2", ".sql.gz 72 2", Outcome.CRITICAL, "60 hours old"
    ),
    "a monitor that calls a weekly one old each day": Change(
        WATCHED, "scripts/monitor-backups.sh", "weekly .sql.gz 169 1", "weekly .sql.gz 25 1",
        Outcome.WARNING, "the weekly backup is 6 days old, and the next one is not due",
    ),
    "a monitor of the oldest": Change(
        WATCHED, "scripts/monitor-backups.sh", "[[ ! -f $path ]] || last", "[[ ! -f $path || -n $last ]] || last",
        Outcome.WARNING, "6 older ones are kept beside the daily backup",
    ),
    "a monitor that knows no weekly": Change(
        WATCHED, "scripts/monitor-backups.sh", 'look "$ROOT/backups" email-gateway-weekly .sql.gz 169 1\n',
        'newest "$ROOT/backups" email-gateway-weekly .sql.gz >/dev/null\n', Outcome.WARNING, "the weekly backup",
    ),
    "a monitor that looks for the weekly among the daily": Change(
        WATCHED, "scripts/monitor-backups.sh", 'look "$ROOT/backups" email-gateway-weekly .sql.gz 169 1\n',
        'echo semanal; look "$ROOT/backups" email-gateway-daily .sql.gz 169 1\n', Outcome.CRITICAL, "weekly backup",
    ),
    "a monitor whose line of the weekly is one of the daily": Change(
        WATCHED, "scripts/monitor-backups.sh", "email-gateway-weekly .sql.gz 169", "email-gateway-daily .sql.gz 169",
        Outcome.WARNING, "and tells of monthly ones",
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
    """A monitor that is blind for an age, a kind or damage is a finding; one that does it in another way is none."""
    judge_change(change, tmp_path)


@pytest.mark.parametrize(("end", "outcome"), [("exit 0", Outcome.CRITICAL), ('exit "$?"', Outcome.OK)])
def test_status_of_the_monitor_is_as_promised(end: str, outcome: Outcome, tmp_path: Path) -> None:
    """Words alone tell nobody where the document promises an exit status, which is what an alarm hangs on."""
    listed = "- `./scripts/monitor-backups.sh` -"
    promise = (
        "RUNBOOK.md",
        "Com `--strict`, o status é 1 para aviso e 2 para crítico",
        "O status é 1 para aviso e 2 para crítico",
    )
    other = ("RUNBOOK.md", listed, listed.replace("monitor-backups.sh", "check-backups.sh"))
    script = f"#!/bin/bash\n./scripts/monitor-backups.sh --strict\n{end}\n"
    with sabotaged(tmp_path, promise, other, ("scripts/check-backups.sh", "", script), wait=60) as judge:
        judge.replica.run_script("chmod 755 scripts/check-backups.sh", timeout=10)
        seen = judge(WATCHED)
    said = [finding.message for finding in seen.record.findings]
    assert seen.outcome is outcome, said
    assert outcome is Outcome.OK or all("exits 0 when" in message for message in said), said


@pytest.mark.parametrize("name", ["./ops/backupmon.py", "./ops/check-dumps", "./bin/backup_mon"])
def test_monitor_of_backups_is_known(name: str, reader: Judge, tmp_path: Path) -> None:
    """It is found by what it watches, whatever a team calls it; what only makes backups is none."""
    judge = reader.reading(tmp_path, ("./scripts/monitor-backups.sh", name))
    assert monitor_of_backups(judge.runbook).text == name
    makes = reader.reading(tmp_path, ("./scripts/monitor-backups.sh", "./ops/backup-monthly"))
    with pytest.raises(NotOnThisTargetError):
        monitor_of_backups(makes.runbook)


def test_status_with_an_option_is_as_promised(tmp_path: Path) -> None:
    """Where the document promises a status with an option, a monitor that only speaks is asked with it, too."""
    with sabotaged(tmp_path, ("scripts/monitor-backups.sh", "\nfinish\n", "\n"), wait=60) as judge:
        seen = judge(WATCHED)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    said = [one.message for one in seen.record.findings]
    assert all("`./scripts/monitor-backups.sh --strict` exits 0 when" in message for message in said), said
