"""Sabotage of the commands of "Verificações Diárias"."""

from pathlib import Path

import pytest

from checks.monitoring import test_commands as checked
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


def test_command_without_meaning_here_is_not_called_broken(judge: Judge, tmp_path: Path) -> None:
    """A command about images, of which a replica of processes has none, is unknown: it was not seen to work or fail."""
    changed = judge.reading(tmp_path, ("docker stats --no-stream\n", "docker system df\n"))
    seen = changed(checked.test_commands_work, heading="Monitoramento de Recursos")
    assert seen.outcome is Outcome.UNKNOWN
    assert "`docker system df`" in seen.message


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
