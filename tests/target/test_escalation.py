from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.escalation import emergencies, lead_of, whom_to_call
from rehearsal.runbook import Runbook, read_runbook, section

REFERENCE = Path(__file__).parents[2] / "gateway" / "RUNBOOK.md"
LINES = """\
# Runbook

## Emergency Procedures

### API Down
1. Restart it: `docker compose restart api`
2. If that does not help, page the developers

### High CPU Usage
1. Scale resources if it persists

## Contacts and Escalation

### Operations Team
- **On call:** {operations}

### Development Team
- **Lead:** {development}

### Escalation Procedures
1. **Level 1 (Operations):** Everything
2. **Level 2 (Development):** The application
"""


@pytest.fixture
def reference() -> Runbook:
    """The reference runbook."""
    return read_runbook(REFERENCE)


def made(folder: Path, text: str) -> Runbook:
    """Write and read a runbook."""
    path = folder / "RUNBOOK.md"
    path.write_text(text)
    return read_runbook(path)


def filled(
    folder: Path, operations: str = "Ana - ana@example.com", development: str = "Bia - bia@example.com"
) -> Runbook:
    """Make a runbook with these contacts."""
    return made(folder, LINES.format(operations=operations, development=development))


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("API Indisponível", ["level 2 (Desenvolvimento)", "Tech Lead", "+1 202-555-0120"]),
        ("Redis Indisponível", ["level 3 (Arquitetura)", "arquitetura@example.com"]),
        ("Suspeita de Ataque", ["level 4 (Executivo)", "Security Lead", "seguranca@example.com"]),
        ("Alertas e Thresholds", ["level 1 (Operações)", "Responsável Principal"]),
    ],
)
def test_finding_of_a_section_has_somebody_to_call(reference: Runbook, heading: str, words: list[str]) -> None:
    """An emergency's own steps decide; what is no emergency is the first level's."""
    said = whom_to_call(reference, section(reference, heading).line, "")
    assert [word for word in words if word not in said] == [], said


def test_emergency_that_is_to_be_followed_decides(reference: Runbook) -> None:
    """A daily check of the worker says what to do by the emergency, and so whom to call."""
    line = section(reference, "Status dos Serviços").line
    assert whom_to_call(reference, line, what_to_do(reference, "worker")).startswith("level 2")
    assert whom_to_call(reference, line, what_to_do(reference, "postgres")).startswith("level 3")


def test_teams_are_known_in_english(tmp_path: Path) -> None:
    """`the developers` are the Development Team; to scale resources is to call nobody, so that the first level is."""
    runbook = filled(tmp_path)
    down, busy = emergencies(runbook)
    assert [one.role for one in lead_of(runbook, down).contacts] == ["Lead"]
    assert lead_of(runbook, busy).lines == ()
    assert whom_to_call(runbook, down.line, "") == "Lead, Bia - bia@example.com"
    assert whom_to_call(runbook, busy.line, "") == "level 1 (Operations): On call, Ana - ana@example.com"


def test_contact_that_is_not_filled_in_is_not_called(tmp_path: Path) -> None:
    """Nobody is sent to `[name]`: the report says that there is nobody, and in which line."""
    runbook = filled(tmp_path, operations="[name] - [phone]")
    said = whom_to_call(runbook, None, "")
    assert said == "level 1 (Operations): nobody, its contacts are not filled in, at lines 15"


def test_document_without_contacts_names_nobody(tmp_path: Path) -> None:
    """There is nothing to say where nobody is named."""
    assert whom_to_call(made(tmp_path, "# Runbook\n\n## Things\n"), 3, "") == ""
