"""Sabotage of "Procedimentos de Escalação"."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checks.escalation import test_levels as checked
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

THIRD = "3. **Nível 3 (Arquitetura):** Problemas críticos, falhas de infraestrutura\n"
FOURTH = "4. **Nível 4 (Executivo):** Incidentes de segurança, indisponibilidade prolongada\n"
ALL = (
    checked.test_levels_are_complete,
    checked.test_each_level_has_somebody,
    checked.test_each_emergency_leads_to_somebody,
)


@pytest.mark.parametrize("check", ALL)
def test_escalation_of_the_reference_is_fine(reader: Judge, check: Callable[..., None]) -> None:
    """The levels of the reference runbook are complete, and each emergency leads to one."""
    seen = reader(check)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param(THIRD, "", "level 3", id="gap"),
        pytest.param(THIRD, THIRD + THIRD, "found level 3", id="doubled"),
        pytest.param(THIRD, "3. **Nível 3 (Arquitetura):** ...\n", "called for", id="no cases"),
    ],
)
def test_levels_that_are_not_complete(reader: Judge, tmp_path: Path, old: str, new: str, words: str) -> None:
    """A level that is missing, doubled or without its cases is critical."""
    seen = reader.reading(tmp_path, (old, new))(checked.test_levels_are_complete)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert words in seen.message


def test_level_that_is_named_and_not_there(reader: Judge, tmp_path: Path) -> None:
    """An emergency that leads to a level which the document does not have is critical."""
    seen = reader.reading(tmp_path, (FOURTH, ""))(checked.test_each_emergency_leads_to_somebody)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "level 4" in seen.message


def test_level_by_the_name_of_another(reader: Judge, tmp_path: Path) -> None:
    """A number with the name of another level is critical; with its own, or a word that is no level's, it is not."""
    for name, outcome in (
        ("ao nível 3 (Desenvolvimento)", Outcome.CRITICAL),
        ("ao nível 3 (Arquitetura)", Outcome.OK),
        ("ao nível 3 (por telefone)", Outcome.OK),
        ("para a equipe de desenvolvimento (nível 3)", Outcome.CRITICAL),
        ("para operações e para a arquitetura (nível 3)", Outcome.OK),
        ("para quem responde (nível 3)", Outcome.OK),
    ):
        seen = reader.reading(tmp_path, ("escalar recursos (nível 3)", f"escalar {name}"))(
            checked.test_each_emergency_leads_to_somebody
        )
        assert seen.outcome is outcome, (name, seen.message)
        assert outcome is Outcome.OK or "expected level 3 to be called Arquitetura" in seen.message


def test_level_without_anybody(reader: Judge, tmp_path: Path) -> None:
    """A level for which neither a team nor a role stands is a warning."""
    line = "- **Arquitetura:** Arquitetura de Sistemas - arquitetura@example.com - +1 202-555-0122\n"
    seen = reader.reading(tmp_path, (line, ""))(checked.test_each_level_has_somebody)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert "level 3" in seen.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("5. Escalar para a equipe de segurança (nível 4)\n", ""),
        ("4. Se persistir por 30 minutos, escalar recursos (nível 3)\n", "4. Escalar recursos se persistir\n"),
    ],
)
def test_emergency_that_leads_nowhere(reader: Judge, tmp_path: Path, old: str, new: str) -> None:
    """An emergency without a level or a team is a warning; to scale resources is to call nobody."""
    seen = reader.reading(tmp_path, (old, new))(checked.test_each_emergency_leads_to_somebody)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert "found neither" in seen.message


@pytest.mark.parametrize(
    "new",
    [
        "5. Notificar a equipe de segurança\n",
        "5. Chamar o Security Lead\n",
        "5. Acione os níveis 2 e 4\n",
        "5. Escalate to level 4\n",
    ],
)
def test_other_ways_to_lead_to_somebody(reader: Judge, tmp_path: Path, new: str) -> None:
    """A team, a role and a level are each somebody to call."""
    old = "5. Escalar para a equipe de segurança (nível 4)\n"
    seen = reader.reading(tmp_path, (old, new))(checked.test_each_emergency_leads_to_somebody)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize("check", ALL)
def test_document_without_levels_is_unknown(reader: Judge, tmp_path: Path, check: Callable[..., None]) -> None:
    """Levels that are missing, or can't be read, are unknown, with the line where there is one."""
    heading = "### Procedimentos de Escalação"
    text = reader.runbook.text
    levels = text[text.index("1. **Nível 1") : text.index(FOURTH) + len(FOURTH)]
    nonsense = levels.replace("Nível 2 (Desenvolvimento)", "Depois")
    for old, new in (
        (levels, ""),
        (levels, nonsense),
        (heading, f"{heading}\n\n{heading}"),
    ):
        seen = reader.reading(tmp_path, (old, new))(check)
        assert seen.outcome is Outcome.UNKNOWN, seen.message
        assert "RUNBOOK.md" in seen.message


@pytest.mark.parametrize("check", ALL)
def test_levels_under_another_heading_of_the_contacts_are_read(
    reader: Judge, tmp_path: Path, check: Callable[..., None]
) -> None:
    """Whom to call is read below the contacts, whatever its heading says."""
    for heading in ("### Quem chamar", "### Outra coisa"):
        seen = reader.reading(tmp_path, ("### Procedimentos de Escalação", heading))(check)
        assert seen.outcome is Outcome.OK, seen.message
