"""The monitors hold what they measure against the runbook, and say when they could not measure."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.gateway.operator_shell import Shell

BUSY = """#!/bin/sh
printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/x 100 %s 1 %s%% /srv\\n' {0} {0}
"""


@pytest.mark.parametrize(
    ("used", "word", "status"),
    [(80, "OK Disco 80%", 0), (81, "AVISO Disco 81%", 1), (91, "CRÍTICO Disco 91%", 2)],
)
def test_disk_is_held_against_the_runbook(shell: Shell, used: int, word: str, status: int) -> None:
    """More than 80 % is a warning with the runbook's action, more than 90 % critical; --strict gives the status."""
    shell.program("df", BUSY.format(used))
    text = shell.root / "RUNBOOK.md"
    # Only the disk is under test: this machine may be busy.
    text.write_text(
        text.read_text()
        .replace("> 85% | > 95%", "> 100% | > 100%")
        .replace("| CPU | > 80% | > 90%", "| CPU | > 100% | > 100%")
    )
    ran = shell.run("monitor-system.sh", "--strict")
    assert word in ran.output
    assert ("Limpeza de logs" in ran.output) == (status > 0)
    assert ran.status == status
    assert shell.run("monitor-system.sh").status == 0


def test_changed_threshold_changes_the_verdict(shell: Shell) -> None:
    """The figures are the runbook's, not the script's."""
    shell.program("df", BUSY.format(81))
    text = shell.root / "RUNBOOK.md"
    text.write_text(text.read_text().replace("| Disco | > 80% | > 90%", "| Disco | > 85% | > 95%"))
    assert "OK Disco 81% (aviso > 85%, crítico > 95%)" in shell.run("monitor-system.sh").output


def test_table_without_the_metric_is_no_verdict(shell: Shell) -> None:
    """A runbook that does not say what is too much gives status 3, not an OK."""
    text = shell.root / "RUNBOOK.md"
    text.write_text(text.read_text().replace("| CPU |", "| Processador |"))
    ran = shell.run("monitor-system.sh")
    assert (ran.status, "não tem a métrica 'CPU'" in ran.output) == (3, True)


def test_redis_that_is_down_is_no_verdict(shell: Shell) -> None:
    """A Redis that does not answer gives status 3, with and without --strict."""
    assert shell.run("monitor-redis.sh").status == 3
    ran = shell.run("monitor-redis.sh", "--strict")
    assert (ran.status, "PONG" in ran.output) == (3, True)


def test_redis_queue_is_counted(shell: Shell) -> None:
    """Jobs with a priority wait too; failed jobs and a paused queue are warnings; a lost AOF is critical."""
    shell.start_redis()
    client = shell.valkey.client()
    client.rpush("bull:email-send:wait", "1", "2")
    client.zadd("bull:email-send:prioritized", {"3": 1})
    fine = shell.run("monitor-redis.sh", "--strict")
    assert "fila: 3 esperando" in fine.output
    assert fine.status == 0, fine.output
    client.zadd("bull:email-send:failed", {"4": 1})
    client.hset("bull:email-send:meta", "paused", "1")
    warned = shell.run("monitor-redis.sh", "--strict")
    assert (warned.status, "1 jobs falharam" in warned.output, "em pausa" in warned.output) == (1, True, True)
    client.config_set("appendonly", "no")
    lost = shell.run("monitor-redis.sh", "--strict")
    assert (lost.status, "AOF está desligado" in lost.output) == (2, True)


def test_redis_that_is_full_is_critical(shell: Shell) -> None:
    """Memory is held against the runbook's limits as a part of maxmemory."""
    shell.start_redis()
    client = shell.valkey.client()
    client.config_set("maxmemory", str(int(int(client.info("memory")["used_memory"]) * 1.02)))
    ran = shell.run("monitor-redis.sh", "--strict")
    assert (ran.status, "CRÍTICO Memória" in ran.output) == (2, True), ran.output


def _backup(shell: Shell, kind: str = "daily") -> Path:
    assert shell.run("backup-postgres.sh", kind, 7, "./backups").status == 0
    return max((shell.root / "backups").glob(f"*{kind}*.sql.gz"))


def test_missing_backups_are_critical(shell: Shell) -> None:
    """No daily backup is critical, no backup of another kind a warning."""
    ran = shell.run("monitor-backups.sh", "--strict")
    assert ran.status == 2
    assert "CRÍTICO nenhum backup email-gateway-daily" in ran.output
    assert "AVISO nenhum backup redis-backup" in ran.output


def test_fresh_backups_are_fine(shell: Shell) -> None:
    """Backups of every kind, new and whole, give OK."""
    shell.start_redis()
    for kind in ("daily", "weekly", "monthly"):
        _backup(shell, kind)
    arguments = ("127.0.0.1", shell.valkey.port, "", "./redis-backups", 7)
    assert shell.run("backup-redis.sh", *arguments).status == 0
    ran = shell.run("monitor-backups.sh", "--strict")
    assert (ran.status, ran.output.count(" OK ")) == (0, 4), ran.output


def test_old_backup_is_critical(shell: Shell) -> None:
    """A daily backup that is 26 hours old says that one is missing."""
    path = _backup(shell)
    then = time.time() - 26 * 3600
    os.utime(path, (then, then))
    ran = shell.run("monitor-backups.sh", "--strict")
    assert (ran.status, "26 h, mais que 25 h" in ran.output) == (2, True)


def test_damaged_backup_is_critical(shell: Shell) -> None:
    """A backup that is not the file that was written is found before it is needed."""
    path = _backup(shell)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    ran = shell.run("monitor-backups.sh", "--strict")
    assert (ran.status, "está danificado" in ran.output) == (2, True)


def test_log_file_is_written_where_the_operator_made_one(shell: Shell, tmp_path: Path) -> None:
    """What is said is also appended to a log that exists; none is created."""
    log = tmp_path / "backup.log"
    shell.run("monitor-backups.sh", LOG_FILE=str(log))
    assert not log.exists()
    log.touch()
    ran = shell.run("monitor-backups.sh", LOG_FILE=str(log))
    assert log.read_text() == ran.output
