"""Sabotage of the commands of "Verificações Diárias"."""

from dataclasses import replace
from pathlib import Path

import pytest

from checks.monitoring import test_commands as checked
from rehearsal.gateway.description import Gateway
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge


@pytest.mark.parametrize("heading", checked.HEADINGS.values())
def test_commands_of_the_document_work(heading: str, judge: Judge) -> None:
    """On a healthy replica every command of the section works, and each of them was run."""
    seen = judge(checked.test_commands_work, heading=heading)
    assert seen.outcome is Outcome.OK, seen.message
    assert len(seen.record.evidence) >= 2


def test_command_that_fails_is_seen(judge: Judge, tmp_path: Path) -> None:
    """A command of the document that does not work is critical, with its line."""
    changed = judge.reading(tmp_path, ("./scripts/monitor-system.sh\n", "./scripts/monitor-sistema.sh\n"))
    seen = changed(checked.test_commands_work, heading="Monitoramento de Recursos")
    assert seen.outcome is Outcome.CRITICAL
    assert "monitor-sistema.sh" in seen.message


@pytest.mark.parametrize(
    ("script", "outcome"),
    [("echo 'nenhum backup' >&2; exit 2", Outcome.OK), ("exit 2", Outcome.CRITICAL), ("no-such; x", Outcome.CRITICAL)],
    ids=["finds none", "mute", "broken"],
)
def test_monitor_of_backups_may_find_none(
    script: str, outcome: Outcome, replica: Replica, judge: Judge, tmp_path: Path
) -> None:
    """A fresh replica has no backups: who says so aloud each morning is not broken."""
    assert replica.run_script(f"cat > scripts/monitor-backups.sh <<'END'\n{script}\nEND", timeout=30).ok
    changed = judge.reading(tmp_path, ("./scripts/monitor-system.sh\n", "./scripts/monitor-backups.sh\n"))
    seen = changed(checked.test_commands_work, heading="Monitoramento de Recursos")
    assert seen.outcome is outcome, seen.message


def test_other_script_that_fails_with_words_is_seen(replica: Replica, judge: Judge, tmp_path: Path) -> None:
    """What is no monitor of backups has no excuse, nor has one whose check nobody runs."""
    script = (
        "cd scripts && printf '#!/bin/sh\\necho none\\nexit 2\\n' > verifica-backups.sh && chmod +x verifica-backups.sh"
    )
    assert replica.run_script(script, timeout=30).ok
    changed = judge.reading(tmp_path, ("./scripts/monitor-system.sh\n", "./scripts/verifica-backups.sh\n"))
    assert changed(checked.test_commands_work, heading="Monitoramento de Recursos").outcome is Outcome.CRITICAL


def test_command_without_meaning_here_is_not_called_broken(judge: Judge, tmp_path: Path) -> None:
    """A command about builders, of which a replica of processes has none, is unknown: it was not seen."""
    changed = judge.reading(tmp_path, ("docker stats --no-stream\n", "docker buildx ls\n"))
    seen = changed(checked.test_commands_work, heading="Monitoramento de Recursos")
    assert seen.outcome is Outcome.UNKNOWN
    assert "`docker buildx ls`" in seen.message


def test_refused_answer_with_exit_code_0_is_seen(replica: Replica, judge: Judge, tmp_path: Path) -> None:
    """A Redis that refuses its clients is critical, though `redis-cli PING` exits 0."""
    changed = judge.reading(tmp_path, ("redis-cli PING | grep -x PONG", "redis-cli PING"))
    with replica.redis() as client:
        client.config_set("requirepass", "sentinel")
        seen = changed(checked.test_commands_work, heading="Verificação de Conectividade")
        client.config_set("requirepass", "")
    assert seen.outcome is Outcome.CRITICAL
    assert any("NOAUTH" in finding.message for finding in seen.record.findings)


def test_stopped_database_is_seen(replica: Replica, judge: Judge) -> None:
    """The document's own command sees a PostgreSQL that is down."""
    replica.stop("postgres")
    assert judge(checked.test_commands_work, heading="Verificação de Conectividade").outcome is Outcome.CRITICAL


@pytest.mark.parametrize(
    "script",
    ["echo CPU $(mpstat 1 1); exit 0", "df /nao/existe | awk 'NR == 2 { print $5 }'", "cat /nao/existe || true"],
)
def test_monitor_that_swallows_its_errors_is_seen(script: str, replica: Replica, judge: Judge) -> None:
    """A monitor script that measured nothing and exits 0 is critical: its stderr says so."""
    replica.run_script(f"cat > scripts/monitor-system.sh <<'END'\n#!/bin/bash\n{script}\nEND", timeout=30)
    seen = judge(checked.test_commands_work, heading="Monitoramento de Recursos")
    assert seen.outcome is Outcome.CRITICAL, script
    assert "monitor-system.sh" in seen.message


def test_command_that_hangs_is_named_alone(gateway: Gateway, judge: Judge, tmp_path: Path) -> None:
    """A command that never ends is critical; those before it are not accused, those behind it are unknown."""
    changed = judge.reading(tmp_path, ("docker-compose logs --tail=100 redis", "docker-compose logs -f redis"))
    brief = gateway.replica.model_copy(update={"command_timeout_seconds": 10})
    changed = replace(changed, gateway=gateway.model_copy(update={"replica": brief}))
    seen = changed(checked.test_commands_work, heading="Status dos Serviços")
    accused = {finding.outcome: finding.message for finding in seen.record.findings}
    assert len(seen.record.findings) == 2, seen.record.findings
    assert "logs -f redis" in accused[Outcome.CRITICAL]
    assert "logs --tail=100 nginx" in accused[Outcome.UNKNOWN]


def test_compose_of_old_is_a_warning(
    replica: Replica, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`docker-compose` on a host that has only the plugin is a warning, unless the document says that both serve."""
    monkeypatch.setattr(replica, "lacks_compose1", True, raising=False)
    heading = "Status dos Serviços"
    assert judge(checked.test_commands_work, heading=heading).outcome is Outcome.OK
    silent = judge.reading(tmp_path, ("docker compose", "outro"))
    seen = silent(checked.test_commands_work, heading=heading)
    assert seen.outcome is Outcome.WARNING
    assert "`docker-compose ps` ran as `docker compose`" in seen.message
    monkeypatch.setattr(replica, "lacks_compose1", False, raising=False)
    assert silent(checked.test_commands_work, heading=heading).outcome is Outcome.OK
