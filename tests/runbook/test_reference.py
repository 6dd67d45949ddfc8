"""The reference gateway's own runbook is read completely."""

from pathlib import Path

import pytest

from rehearsal.runbook import Runbook, backup_policy, procedure, read_runbook, section, threshold

RUNBOOK = Path(__file__).parents[2] / "gateway" / "RUNBOOK.md"


@pytest.fixture(scope="module")
def runbook() -> Runbook:
    """The document."""
    return read_runbook(RUNBOOK)


def test_nothing_in_it_is_a_problem(runbook: Runbook) -> None:
    """Each row, policy, date, level and block of it is understood."""
    assert runbook.problems == ()


def test_it_says_who_and_when(runbook: Runbook) -> None:
    """Title, version and dates of review are there."""
    assert runbook.title
    assert runbook.version
    assert runbook.owner
    assert runbook.status
    assert runbook.approved_by
    assert runbook.updated
    assert runbook.last_review
    assert runbook.next_review
    assert runbook.next_review > runbook.last_review


@pytest.mark.parametrize("metric", ["CPU", "Memória", "Disco", "Latência API"])
def test_thresholds(runbook: Runbook, metric: str) -> None:
    """Each metric has a warning before its critical, and an action."""
    found = threshold(runbook, metric)
    assert found.warning.value < found.critical.value
    assert found.action


@pytest.mark.parametrize("store", ["PostgreSQL", "Redis"])
def test_policies(runbook: Runbook, store: str) -> None:
    """Each store has a retention and a place for its backups."""
    policy = backup_policy(runbook, store)
    assert policy.retention_days["daily"] > 0
    assert policy.location.startswith("./")


def test_people(runbook: Runbook) -> None:
    """Contacts are filled in, and the levels go up from 1."""
    assert runbook.contacts
    assert [contact for contact in runbook.contacts if contact.unfilled or not contact.text] == []
    assert [level.number for level in runbook.escalation] == list(range(1, len(runbook.escalation) + 1))
    assert len(runbook.escalation) > 1


@pytest.mark.parametrize(
    "heading",
    ["Status dos Serviços", "Monitoramento de Recursos", "Verificação de Conectividade", "Backup Manual do PostgreSQL",
     "Backup Manual do Redis", "Restaurar PostgreSQL", "Restaurar Redis", "Limpeza Automática", "Verificar Validade",
     "API Indisponível", "Worker Parado", "Banco de Dados Indisponível", "Redis Indisponível", "Alto Uso de CPU"],
)  # fmt: skip
def test_procedures(runbook: Runbook, heading: str) -> None:
    """Each procedure that 1.0 gives commands for has them here."""
    assert procedure(runbook, heading).commands


def test_paths_and_contents(runbook: Runbook) -> None:
    """Scripts and logs are listed, and the table of contents leads to headings."""
    assert {Path(step.text).name for step in runbook.scripts} >= {"monitor-system.sh", "monitor-backups.sh"}
    assert runbook.log_paths
    anchors = {f"#{one.anchor}" for one in runbook.sections}
    inner = [link.target for link in runbook.links if link.target.startswith("#")]
    assert inner
    assert set(inner) <= anchors
    assert section(runbook, "Índice").line < section(runbook, "Alertas e Thresholds").line
