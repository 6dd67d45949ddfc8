"""Sabotage of "Contatos e Escalação"."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.escalation import test_contacts as checked
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

LEAD = "- **Tech Lead:** Liderança Técnica do Gateway - gateway-dev@example.com - +1 202-555-0120\n"
GONE = "## Contatos e Escalação"


def test_contacts_of_the_reference_are_fine(reader: Judge) -> None:
    """Whoever stands in the reference runbook can be reached."""
    for check in (checked.test_every_contact_can_be_used, checked.test_each_team_can_be_reached):
        seen = reader(check)
        assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("- **Tech Lead:** [Nome] - [email] - [telefone]", "[telefone]", id="not filled in"),
        pytest.param("- **Tech Lead:** <name> - gateway-dev@example.com", "<name>", id="name not filled in"),
        pytest.param("- **Tech Lead:**", "nobody", id="empty"),
        pytest.param("- **Tech Lead:** a definir", "a definir", id="to be defined"),
        pytest.param("- **Tech Lead:** TBD - TBD - TBD", "TBD", id="TBD"),
        pytest.param("- **Tech Lead:** Ana - ana@example.com - +1 202-555-01", "has 9 digits", id="cut off"),
        pytest.param("- **Tech Lead:** Ana - ana@example.com - +55 (11) 9555-012", "has 11 digits", id="cut off here"),
        pytest.param("- **Tech Lead:** Ana - xxx - +1 202-555-0120", "xxx", id="xxx"),
        pytest.param(
            "- **Tech Lead:** Ana - gateway-dev@example - +1 202-555-0120", "gateway-dev@example", id="domain"
        ),
        pytest.param("- **Tech Lead:** Ana - @example.com - +1 202-555-0120", "@example.com", id="no mailbox"),
        pytest.param("- **Tech Lead:** Ana - a..b@example.com - +1 202-555-0120", "a..b@example.com", id="two dots"),
        pytest.param("- **Tech Lead:** Ana - a b@@example.com - +1 202-555-0120", "@@", id="two signs"),
        pytest.param("- **Tech Lead:** Ana - ana@example.com - +1 202-555", "7 digits", id="too short"),
        pytest.param("- **Tech Lead:** Ana - ana@example.com - +1 202-555-O120", "O120", id="a letter in the number"),
        pytest.param("- **Tech Lead:** Ana - ana@example.com - 00000000", "all of its digits", id="zeros"),
    ],
)
def test_contact_that_reaches_nobody_is_seen(reader: Judge, tmp_path: Path, line: str, words: str) -> None:
    """A role that is not filled in, or whose address or number can't be used, is critical, with its line."""
    seen = reader.reading(tmp_path, (LEAD, line + "\n"))(checked.test_every_contact_can_be_used)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert words in seen.message
    assert "RUNBOOK.md:" in seen.record.findings[0].source


@pytest.mark.parametrize(
    "line",
    [
        "- **Tech Lead:** Ana Souza - ana@example.com - (11) 5555-0120",
        "- **Tech Lead:** Ana Souza, ana.souza+gw@mail.example.com, tel. 0800 555 0120 ramal 12",
        "- **Tech Lead:** Ana Souza | ana@example.com | +55 11 95555.0120",
        "- **Tech Lead:** Ana Souza | ana@example.com | +55 (11) 5555-0120",
        "- **Tech Lead:** Ana Souza | ana@example.com | +44 20 7946 0120",
        "- **Tech Lead:** Ana-Maria Souza – `ana@example.com` – +1 202-555-0120 (24x7)",  # noqa: RUF001  as people write
        "- **Tech Lead:** Ana Souza - <ana@example.com> - +1 202-555-0120 - @ana - #gateway-oncall",
    ],
)
def test_other_ways_to_write_a_contact(reader: Judge, tmp_path: Path, line: str) -> None:
    """People write names, addresses and numbers in many ways, and none of these is accused."""
    seen = reader.reading(tmp_path, (LEAD, line + "\n"))(checked.test_every_contact_can_be_used)
    assert seen.outcome is Outcome.OK, seen.message


def test_contacts_in_a_table(reader: Judge, tmp_path: Path) -> None:
    """A table of contacts is read as a list is, and what is not filled in is seen there, too."""
    table = "| Papel | Nome | E-mail | Telefone |\n|---|---|---|---|\n| Tech Lead | Ana | ana@example.com | {} |\n\n"
    good = reader.reading(tmp_path, (LEAD, table.format("+1 202-555-0120")))
    assert good(checked.test_every_contact_can_be_used).outcome is Outcome.OK
    bad = reader.reading(tmp_path, (LEAD, table.format("[telefone]")))
    assert bad(checked.test_every_contact_can_be_used).outcome is Outcome.CRITICAL


@pytest.mark.parametrize("lost", [" - +1 202-555-0120", " - gateway-dev@example.com"])
def test_contact_without_what_all_others_give(reader: Judge, tmp_path: Path, lost: str) -> None:
    """A number or address that has gone from one line is seen where all other lines have one."""
    seen = reader.reading(tmp_path, (lost, ""))(checked.test_every_contact_can_be_used)
    assert seen.outcome is Outcome.WARNING, seen.message


def test_team_that_nobody_can_reach(reader: Judge, tmp_path: Path) -> None:
    """A team with a name and neither address nor number is critical."""
    changed = reader.reading(tmp_path, (" - seguranca@example.com - +1 202-555-0130", ""))
    seen = changed(checked.test_each_team_can_be_reached)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "Equipe de Segurança" in seen.message


@pytest.mark.parametrize("check", [checked.test_every_contact_can_be_used, checked.test_each_team_can_be_reached])
def test_document_without_contacts_is_unknown(reader: Judge, tmp_path: Path, check: object) -> None:
    """A chapter that is missing, doubled or empty is unknown."""
    assert callable(check)
    text = reader.runbook.text
    chapter = text[text.index("### Equipe de Operações") : text.index("### Procedimentos de Escalação")]
    for change in ((GONE, "## Pessoas"), (chapter, ""), (GONE, f"{GONE}\n\n{GONE}")):
        seen = reader.reading(tmp_path, change)(check)
        assert seen.outcome is Outcome.UNKNOWN, seen.message
        assert "RUNBOOK.md" in seen.message
