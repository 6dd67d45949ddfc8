"""Contacts, levels of escalation, lists of paths: the odd ones."""

from rehearsal.gateway.escalation import people_of
from rehearsal.runbook.lookup import escalation
from tests.runbook.reading import read_text


def test_contacts_directly_under_the_chapter() -> None:
    """Without teams the chapter is the team; a line without a role keeps its text; links are not placeholders."""
    runbook = read_text(
        "# R\n## Contatos e Escalação\n- ramal 42\n- DevOps: [guia](http://x.example)\n- Lead: {{nome}}\n"
    )
    assert [(one.team, one.role, one.text) for one in runbook.contacts] == [
        ("Contatos e Escalação", "", "ramal 42"),
        ("Contatos e Escalação", "DevOps", "guia"),
        ("Contatos e Escalação", "Lead", "{{nome}}"),
    ]
    assert [len(one.unfilled) for one in runbook.contacts] == [0, 0, 1]


def test_lists_elsewhere_are_no_contacts() -> None:
    """Only the chapter of contacts has contacts."""
    assert read_text("# R\n## Anexos\n- DevOps: [Nome]\n").contacts == ()


def test_escalation_in_other_forms() -> None:
    """A plain list, a level without a name, a name behind a dash; what is no level is a problem."""
    runbook = read_text("# R\n## Escalation\n- Level 1 - Operations: a\n- **Nível 2:** b\n- Depois: c\n")
    assert [(one.number, one.name, one.scope) for one in runbook.escalation] == [(1, "Operations", "a"), (2, "", "b")]
    assert [(one.about, one.place.line) for one in runbook.problems] == [("escalation", 5)]


def test_levels_under_a_heading_of_its_own() -> None:
    """A section of the chapter that lists levels and nothing else is the one of escalation, and names no contacts."""
    text = "# R\n## Contatos e Escalação\n### Níveis\n1. **Nível 1 (Operações):** a\n2. **Nível 2 (Direção):** b\n"
    runbook = read_text(text)
    assert [(one.number, one.name) for one in runbook.escalation] == [(1, "Operações"), (2, "Direção")]
    assert runbook.contacts == ()
    assert read_text(text.replace("**Nível 2 (Direção):** b", "Depois: b")).escalation == ()


def test_levels_in_the_table_of_contacts() -> None:
    """A column of levels has them, each once, where no section lists them; who stands in its row stands for it."""
    runbook = read_text(
        "# R\n## Contatos e escalonamento\n\n| Quem | Nível | E-mail |\n|---|---|---|\n"
        "| Plantão de infra | 1 | a@x.org |\n| Plantão reserva | 1 | b@x.org |\n| Dono | Nível 2 | c@x.org |\n"
    )
    assert [(one.number, one.name, one.scope, one.line) for one in runbook.escalation] == [
        (1, "Plantão de infra", "a@x.org", 6),
        (2, "Dono", "c@x.org", 8),
    ]
    assert [one.role for one in people_of(runbook, runbook.escalation[0])] == ["Plantão de infra", "Plantão reserva"]
    assert [one.role for one in people_of(runbook, runbook.escalation[1])] == ["Dono"]
    assert escalation(runbook) == runbook.escalation


def test_level_that_is_called_by_a_common_word() -> None:
    """`Plantão` is a name where there is no other word."""
    runbook = read_text(
        "# R\n## Contatos\n- Plantão da noite: a@x.org\n- Dono: b@x.org\n## Escalação\n- Nível 1 (Plantão): agir\n"
    )
    assert [one.text for one in people_of(runbook, runbook.escalation[0])] == ["a@x.org"]


def test_item_without_a_path_is_a_problem() -> None:
    """A log that is named without its path can't be looked at."""
    runbook = read_text("# R\n## Logs Importantes\n- os do nginx\n- `./logs/`\n")
    assert [(one.text, one.number) for one in runbook.log_paths] == [("./logs/", 2)]
    assert [(one.about, one.place.line) for one in runbook.problems] == [("log", 3)]


def test_command_is_no_path() -> None:
    """How a log is read is not where it is; a script with its options is named by its path."""
    runbook = read_text("# R\n## Logs\n- `docker compose logs api`\n- `./logs/worker-AAAA-MM.log`\n")
    assert [one.text for one in runbook.log_paths] == ["./logs/worker-AAAA-MM.log"]
    assert runbook.problems == ()


def test_level_with_its_name_behind_a_comma() -> None:
    """A level may be named behind a comma."""
    runbook = read_text("# R\n## Escalação\n- **Nível 1, Operações:** reiniciar\n")
    assert [(one.number, one.name, one.scope) for one in runbook.escalation] == [(1, "Operações", "reiniciar")]
