"""Sabotage of "Logs Importantes"."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.document import test_logs as checked
from rehearsal.drills.named_logs import look_at, named_logs
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

BACKUP_LOG = "- `/var/log/email-gateway-backup.log` - Logs de backup"


def test_logs_of_the_reference_are_written(replica: Replica, judge: Judge) -> None:
    """Backups and monitors write to the logs that are named; in the plain arrangement that is not tried."""
    seen = judge(checked.test_named_logs_are_written)
    expected = Outcome.NOT_APPLICABLE if replica.isolation == "plain" else Outcome.OK
    assert seen.outcome is expected, seen.message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("- `/var/log/email-gateway-backups.log` - Logs de backup", "as before", id="another name"),
        pytest.param("- `./log/` - Logs de backup", "expected the folder ./log/", id="no such folder"),
    ],
)
def test_log_that_nobody_writes_is_seen(replica: Replica, judge: Judge, tmp_path: Path, line: str, words: str) -> None:
    """A log under a name that no script knows is critical, with its line."""
    if replica.isolation == "plain":
        pytest.skip("nothing may write to the machine's own folder of logs")
    seen = judge.reading(tmp_path, (BACKUP_LOG, line))(checked.test_named_logs_are_written)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert words in seen.message


def test_log_that_only_cron_writes_is_ok(replica: Replica, judge: Judge, tmp_path: Path) -> None:
    """Where the entries of the crontab say in which log a script's words go, they are run, too."""
    if replica.isolation == "plain":
        pytest.skip("nothing may write to the machine's own folder of logs")
    line = "- `./logs/backup.log` - Logs de backup"
    seen = judge.reading(tmp_path, (BACKUP_LOG, line))(checked.test_named_logs_are_written)
    assert seen.outcome is Outcome.OK, seen.message


def test_log_of_a_script_that_cron_runs_is_ok(tmp_path: Path) -> None:
    """An entry that runs a script by its path on the host writes to the log that the script names."""
    line = "- `./logs/nightly.log` - Medidas do monitor"
    entry = "*/10 * * * * /opt/email-gateway/scripts/nightly.sh >/dev/null\n0 2 * * *"
    with sabotaged(tmp_path, ("RUNBOOK.md", BACKUP_LOG, line), ("cron/email-gateway", "0 2 * * *", entry)) as judge:
        if judge.replica.isolation == "plain":
            pytest.skip("nothing may write to the machine's own folder of logs")
        text = '#!/bin/sh\ncd "$(dirname "$0")/.." && date >> ./logs/nightly.log\n'
        (judge.gateway.directory / "scripts/nightly.sh").write_text(text)
        done = judge.replica.run_script(
            f"cat > scripts/nightly.sh <<'END'\n{text}END\nchmod +x scripts/nightly.sh", timeout=30
        )
        assert done.ok, done.ending
        seen = judge(checked.test_named_logs_are_written)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize(
    ("name", "command", "outcome"),
    [
        ("Rotação", "true >> ./logs/rotation.log", Outcome.OK),
        ("Rotação", "false >> ./logs/rotation.log", Outcome.CRITICAL),
        ("Rotação", "true", Outcome.CRITICAL),
        ("Backups", "true >> ./logs/rotation.log", Outcome.CRITICAL),
    ],
)
def test_log_of_what_has_nothing_to_say(name: str, command: str, outcome: Outcome, tmp_path: Path) -> None:
    """A rotation that had nothing to rotate leaves nothing in its log; a backup says that it was made."""
    line = f"- `./logs/rotation.log` - {name}"
    entry = f"0 5 * * 0 cd /opt/email-gateway && {command}\n0 2 * * *"
    with sabotaged(tmp_path, ("RUNBOOK.md", BACKUP_LOG, line), ("cron/email-gateway", "0 2 * * *", entry)) as judge:
        if judge.replica.isolation == "plain":
            pytest.skip("nothing may write to the machine's own folder of logs")
        seen = judge(checked.test_named_logs_are_written)
    assert seen.outcome is outcome, seen.message


def test_entry_that_names_two_logs_is_of_both(tmp_path: Path) -> None:
    """One entry may have its words in one log and its errors in another, and neither of them."""
    listed = "- `./logs/rotation.log` - Rotação\n- `./logs/trouble.log` - Erros da rotação"
    entry = "0 5 * * 0 cd /opt/email-gateway && true >> ./logs/rotation.log 2>> ./logs/trouble.log\n0 2 * * *"
    with sabotaged(tmp_path, ("RUNBOOK.md", BACKUP_LOG, listed), ("cron/email-gateway", "0 2 * * *", entry)) as judge:
        if judge.replica.isolation == "plain":
            pytest.skip("nothing may write to the machine's own folder of logs")
        seen = judge(checked.test_named_logs_are_written)
    assert seen.outcome is Outcome.OK, seen.message


def test_log_is_looked_at_where_it_is(replica: Replica, judge: Judge) -> None:
    """A log that is not there, an empty and a filled one, and a folder are told from one another."""
    assert replica.run_script("echo it > backups/one.log; : > backups/two.log", timeout=30).ok
    system, backup, folder = named_logs(judge.runbook)
    assert look_at(replica, folder, timeout=30).kind == "folder"
    named = [type(system)(1, path, 1) for path in ("backups/one.log", "backups/two.log", "backups/three.log")]
    seen = [look_at(replica, one, timeout=30) for one in (*named, backup)]
    assert [(log.kind, log.size) for log in seen[:3]] == [("file", 3), ("file", 0), ("", 0)]


def test_logs_of_each_month_are_one(replica: Replica, judge: Judge) -> None:
    """A name with the placeholder of a moment stands for all the files of that name, and for no others."""
    write = "echo it > 'backups/a b-2026-11.log'; echo it > 'backups/a b-2026-10.log'; echo it > 'backups/a b-old.log'"
    assert replica.run_script(write, timeout=30).ok
    system = named_logs(judge.runbook)[0]
    seen = look_at(replica, type(system)(1, "backups/a b-AAAA-MM.log", 1), timeout=30)
    assert (seen.kind, seen.size) == ("file", 6)
    assert not look_at(replica, type(system)(1, "backups/a b-YYYYMMDD.log", 1), timeout=30).kind


def test_document_without_logs_is_unknown(reader: Judge, tmp_path: Path) -> None:
    """Without its list, or with an item that names no path, nothing is said of logs."""
    text = reader.runbook.text
    listed = text[text.index("- `/var/log/email-gateway-system") : text.index("Os scripts escrevem nos dois")]
    for old, new in (("### Logs Importantes", "### Diários"), (listed, ""), (BACKUP_LOG, "- onde estiver")):
        changed = reader.reading(tmp_path, (old, new))
        with pytest.raises(Exception, match=r"RUNBOOK\.md"):
            named_logs(changed.runbook)
