"""Sabotage of restores beside clients that hand in mails; and a restore that stops the API by itself."""

from __future__ import annotations

from pathlib import Path

from checks.backups.test_busy_restore import test_restore_loses_no_new_mail as busy_restore
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import Change, sabotaged

_STOP = "# Parar quem escreve no banco\ndocker-compose stop api worker\n\n"
_SCRIPT = "scripts/restore-postgres.sh"
_NOT_STOPPED: Change = ("RUNBOOK.md", _STOP, "")
_BLIND: Change = (_SCRIPT, "        [[ $sessions != 0 ]] || return 0\n", "        return 0\n")
_BY_ITSELF: Change = (_SCRIPT, "verify_file() {\n", "verify_file() {\n    docker-compose stop api worker\n")
_SLOW: Change = (_SCRIPT, "verify_file() {\n", "verify_file() {\n    sleep 5\n")
"""Long enough for a mail to be accepted meanwhile, however busy the machine is."""
_NO_RELAY: Change = ("app/relay.py", "            if not ids:\n                break", "            break")


def test_restore_beside_an_api_is_seen(tmp_path: Path) -> None:
    """What the API accepts into the database that is thrown away never arrives, and is counted."""
    with sabotaged(tmp_path, _NOT_STOPPED, _BLIND, _SLOW) as judge:
        seen = judge(busy_restore, store="PostgreSQL")
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "never arrived" in seen.message


def test_restore_that_fails_beside_clients_is_seen(tmp_path: Path) -> None:
    """A restore that refuses, or can't, while somebody writes has restored nothing, though no mail is lost."""
    with sabotaged(tmp_path, _NOT_STOPPED) as judge:
        seen = judge(busy_restore, store="PostgreSQL")
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "while clients handed in" in seen.message


def test_restore_that_stops_the_api_itself_is_not_accused(tmp_path: Path) -> None:
    """Until its script has stopped the API, mails are as old as the disaster; after it none is accepted and lost."""
    with sabotaged(tmp_path, _NOT_STOPPED, _BY_ITSELF) as judge:
        seen = judge(busy_restore, store="PostgreSQL")
    assert seen.outcome is Outcome.OK, seen.message


def test_jobs_that_go_with_the_old_queue_are_seen(tmp_path: Path) -> None:
    """A mail whose job was written into the Redis that is replaced, and which nobody looks after, is counted."""
    with sabotaged(tmp_path, _NO_RELAY) as judge:
        seen = judge(busy_restore, store="Redis")
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "never arrived" in seen.message


def test_restore_without_a_backup_is_told(judge: Judge, tmp_path: Path) -> None:
    """A block that makes no backup is what the finding is about."""
    document = ("./scripts/backup-postgres.sh daily 7 ./backups", "echo pronto")
    seen = judge.reading(tmp_path, document)(busy_restore, store="PostgreSQL")
    assert seen.outcome is Outcome.CRITICAL
    assert "found none" in seen.message
