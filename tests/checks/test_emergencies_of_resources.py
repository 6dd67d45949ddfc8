"""Sabotage of "Alto Uso de CPU", "Alto Uso de Memória" and "Espaço em Disco Baixo"."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.emergencies import test_cpu, test_disk, test_memory
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

STATS = "1. Identificar o serviço: `docker stats --no-stream`"
HIDES = "1. Identificar o serviço: `docker stats --no-stream | grep -v worker`"
RESTART = "3. Reiniciar o serviço se necessário: `docker-compose restart worker`"
CLEAN = "3. Limpar logs antigos: [Limpeza Automática](#limpeza-automática)"
LEVEL = "4. Se persistir por 30 minutos, escalar recursos (nível 3)"


def _words(judge: Judge, check: object) -> tuple[Outcome, str]:
    assert callable(check)
    seen = judge(check)
    return seen.outcome, " | ".join(f"{one.message} {one.source}" for one in seen.record.findings)


@pytest.mark.parametrize(
    ("changes", "outcome", "words"),
    [
        pytest.param(
            (STATS, STATS.replace("--no-stream", "--no-stream | grep -v worker")), "critical", "it shows", id="hides"
        ),
        pytest.param(
            (STATS, STATS.replace("docker stats --no-stream", "uptime")), "warning", "who uses most", id="tells nobody"
        ),
        pytest.param(
            (RESTART, RESTART.replace("restart worker", "restart wrker")), "critical", "it goes on", id="misspelt"
        ),
        pytest.param((RESTART, "3. Esperar"), "unknown", "no command that would end", id="gives nothing to do"),
        pytest.param((LEVEL, LEVEL.replace("nível 3", "nível 9")), "critical", "leads to level 9", id="no such level"),
        pytest.param(
            (LEVEL, "4. Liberar: `docker-compose exec -T redis redis-cli FLUSHALL`"),
            "critical",
            "emptied Redis",
            id="all",
        ),
        pytest.param(("#### Alto Uso de CPU", "#### Outra Coisa"), "unknown", "expected a heading", id="no section"),
    ],
)
def test_steps_that_do_not_help_are_seen(
    changes: tuple[str, str], outcome: str, words: str, judge: Judge, tmp_path: Path
) -> None:
    """Steps that name another service, end nothing, or lead nowhere are a finding with its line."""
    found, said = _words(judge.reading(tmp_path, changes), test_cpu.test_busy_service_is_named_and_ended)
    assert (found, words in said) == (Outcome(outcome), True), said


def test_steps_of_the_reference_help(judge: Judge) -> None:
    """The reference's own steps name the service and end the load, of memory too."""
    for check in (
        test_cpu.test_busy_service_is_named_and_ended,
        test_memory.test_greedy_service_is_named_and_ended,
    ):
        assert _words(judge, check) == (Outcome.OK, "")


def test_restart_that_the_document_tells_elsewhere_is_found(judge: Judge, tmp_path: Path) -> None:
    """A step that only says to restart is what the document says elsewhere of restarting a service."""
    changed = judge.reading(tmp_path, (RESTART, "3. Reiniciar o serviço se necessário"))
    assert _words(changed, test_cpu.test_busy_service_is_named_and_ended) == (Outcome.OK, "")


@pytest.mark.parametrize(
    ("new", "outcome", "words"),
    [
        pytest.param("3. Limpar backups: `rm -f ./backups/*`", "critical", "must be kept", id="deletes backups"),
        pytest.param("3. Limpar o que sobra: `true`", "critical", "% are used after", id="frees nothing"),
        pytest.param("3. Limpar: [Limpeza](#nada)", "unknown", "#nada", id="leads nowhere"),
        pytest.param("3. Limpar: `rm -rf ./logs`", "critical", "must be kept", id="deletes a log in use"),
        pytest.param(
            f"{CLEAN}\n4. Limpar mais: `rm -rf ./redis-data/*`", "critical", "its files are gone", id="deletes a store"
        ),
    ],
)
def test_cleaning_that_harms_is_seen(new: str, outcome: str, words: str, judge: Judge, tmp_path: Path) -> None:
    """Steps that free nothing, or free what must be kept, are critical."""
    found, said = _words(judge.reading(tmp_path, (CLEAN, new)), test_disk.test_steps_free_the_disk)
    assert (found, words in said) == (Outcome(outcome), True), said


@pytest.mark.parametrize(
    ("act", "outcome", "words"),
    [("-delete", Outcome.OK, ""), ("-print", Outcome.CRITICAL, "expected the steps to clear away old logs")],
    ids=["deleted", "shown"],
)
def test_disk_full_of_logs_of_a_day_each(act: str, outcome: Outcome, words: str, judge: Judge, tmp_path: Path) -> None:
    """Where each day has its log, it is such logs that fill the disk, and none of them is a backup to be kept."""
    find = f"find logs -type f -name 'ops-????-??-??.log' -mtime +30 {act}"
    daily = judge.reading(
        tmp_path, ("- `./logs/` -", "- `./logs/ops-AAAA-MM-DD.log` -"), (CLEAN, f"3. Limpar logs antigos: `{find}`")
    )
    found, said = _words(daily, test_disk.test_steps_free_the_disk)
    assert (found, words in said) == (outcome, True), said


def test_worker_that_forgets_on_a_full_disk_is_seen(replica: Replica, judge: Judge) -> None:
    """Mails that were accepted with a full disk and never arrive are critical, and the reference loses none."""
    assert _words(judge, test_disk.test_full_disk_loses_no_mail) == (Outcome.OK, "")
    replica.run_script(
        "sed -i 's/^    location \\/ {/&/; s/proxy_pass http:\\/\\/api;/return 202 \"{}\";/' nginx/nginx.conf",
        timeout=10,
    )
    replica.run_script("docker-compose restart nginx", timeout=30)
    assert _words(judge, test_disk.test_full_disk_loses_no_mail)[0] is not Outcome.OK
