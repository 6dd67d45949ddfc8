"""The same runbook in two languages, asked by the Portuguese names."""

from datetime import date, time

import pytest

from rehearsal.runbook import Runbook, backup_policy, procedure, read_runbook, section, threshold
from rehearsal.runbook.model import Limit
from tests.runbook.reading import DOCUMENTS


@pytest.fixture(params=["correio.md", "mail.md"], ids=["portuguese", "english"])
def runbook(request: pytest.FixtureRequest) -> Runbook:
    """The document in each language."""
    return read_runbook(DOCUMENTS / request.param)


def test_metadata_is_read(runbook: Runbook) -> None:
    """Version and dates are those of the quoted lines at the top and of the lines at the end."""
    assert runbook.title.endswith(" - Runbook")
    assert (runbook.version, runbook.updated) == ("2.3.0", date(2026, 3, 5))
    assert (runbook.last_review, runbook.next_review) == (date(2026, 3, 5), date(2026, 6, 5))
    assert runbook.owner in ("Equipe de Plantão", "On-call team")
    assert runbook.status in ("Ativo", "Active")
    assert runbook.approved_by in ("Equipe de Desenvolvimento", "Development team")
    assert len(runbook.sha256) == 64


def test_nothing_in_them_is_a_problem(runbook: Runbook) -> None:
    """A whole document has no problems."""
    assert runbook.problems == ()


@pytest.mark.parametrize(
    ("metric", "warning", "critical", "line"),
    [
        ("CPU", Limit(">", 70, "%"), Limit(">", 85, "%"), 37),
        ("Memória", Limit(">", 80, "%"), Limit(">=", 92.5, "%"), 38),
        ("Disco", Limit("<", 20, "GB"), Limit("<", 5, "GB"), 39),
        ("Latência API", Limit(">", 300, "ms"), Limit(">", 1500, "ms"), 40),
    ],
)
def test_threshold_is_found(runbook: Runbook, metric: str, warning: Limit, critical: Limit, line: int) -> None:
    """Each row is found by its Portuguese name, whatever the order of columns, in the warning's unit."""
    found = threshold(runbook, metric)
    assert (found.warning, found.critical, found.place.line) == (warning, critical, line)
    assert found.action


def test_threshold_keeps_its_action(runbook: Runbook) -> None:
    """The action stands as written, from its own column."""
    assert threshold(runbook, "disco").action in ("Limpar logs", "Clean up logs")


def test_postgres_policy(runbook: Runbook) -> None:
    """Hour, retention in days, place and validation of a daily backup."""
    policy = backup_policy(runbook, "PostgreSQL")
    assert policy.daily_at == time(3, 30)
    assert policy.retention_days == {"daily": 7, "weekly": 35}
    assert policy.location in ("./copias/pg/", "./copies/pg/")
    assert policy.validation_days == 15
    assert policy.place.line == 46


def test_redis_policy(runbook: Runbook) -> None:
    """A backup by hand has no hour; without a validation there are no days of it."""
    policy = backup_policy(runbook, "redis")
    assert (policy.daily_at, policy.retention_days) == (None, {"daily": 10})
    assert policy.location in ("./copias/redis/", "./copies/redis/")
    assert (policy.validation, policy.validation_days) == ("", None)


def test_procedure_of_a_block(runbook: Runbook) -> None:
    """Commands keep line and label; a pipe over two lines is one, without its trailing comment."""
    first, second = procedure(runbook, "Status dos Serviços").commands
    assert (first.text, first.line) == ("docker compose ps", 27)
    assert first.label in ("Ver o estado", "See the state")
    assert second.text == "docker compose logs --tail=50 api | \\\n  grep -v debug"
    assert second.line == 29
    assert second.label in ("sem ruído", "without noise")


def test_procedure_has_placeholders(runbook: Runbook) -> None:
    """What a person fills in is found with its line."""
    (command,) = procedure(runbook, "Restaurar PostgreSQL").commands
    assert command.placeholders[0].text == "YYYYMMDD-HHMMSS"
    assert command.placeholders[1].text in ("[banco]", "<database>")
    assert {placeholder.line for placeholder in command.placeholders} == {62}


def test_procedure_of_steps(runbook: Runbook) -> None:
    """Inline commands of a numbered list are one procedure; a path in it is no command."""
    found = procedure(runbook, "API Indisponível")
    assert [command.text for command in found.commands] == ["docker compose logs api", "docker compose restart api"]
    assert [command.line for command in found.commands] == [70, 72]
    steps = section(runbook, "API Indisponível").steps
    assert [(step.number, step.line, len(step.commands)) for step in steps] == [
        (1, 70, 1),
        (2, 71, 0),
        (3, 72, 1),
        (4, 73, 0),
    ]


def test_contacts(runbook: Runbook) -> None:
    """Contacts belong to their team; what is still to be filled in is recognised."""
    first, second = runbook.contacts
    assert first.team in ("Equipe de Operações", "Operations Team")
    assert first.role in ("Responsável Principal", "First contact")
    assert [placeholder.text for placeholder in first.unfilled] == [first.text.split(" - ")[0], "[e-mail]"]
    assert second.unfilled == ()
    assert second.text.endswith("4242")
    assert (first.line, second.line) == (78, 79)


def test_escalation(runbook: Runbook) -> None:
    """Levels have number, name and scope."""
    assert [level.number for level in runbook.escalation] == [1, 2]
    assert [level.line for level in runbook.escalation] == [83, 84]
    assert runbook.escalation[0].name in ("Operações", "Operations")
    assert runbook.escalation[1].scope in ("Indisponibilidade prolongada", "Long outages")


def test_paths(runbook: Runbook) -> None:
    """Scripts and logs are listed, in code or as the first word."""
    assert [step.text for step in runbook.scripts] == ["./scripts/monitor-system.sh"]
    assert [step.text for step in runbook.log_paths][1:] == ["./logs/"]
    assert runbook.log_paths[0].text in ("/var/log/correio.log", "/var/log/mail.log")


def test_contents_point_at_headings(runbook: Runbook) -> None:
    """Each link of the table of contents is an anchor of a heading of the document."""
    targets = [link.target for link in runbook.links]
    assert len(targets) == 3
    assert {target.removeprefix("#") for target in targets} <= {one.anchor for one in runbook.sections}
    assert [link.line for link in runbook.links] == [14, 15, 16]
