"""What a document says of itself."""

from datetime import date

import pytest

from tests.runbook.reading import read_text


@pytest.mark.parametrize(
    "top",
    ["> **Versão:** 1.2\n> **Última atualização:** 20/01/2025", "- Version: 1.2\n- Updated: 2025-01-20",
     "**Version**: 1.2  \n**Last Update**: 20.1.2025", "Version: 1.2\n\nLast updated: January 20, 2025",
     "Version: 1.2\n\nLast updated: 20 Jan 2025", "Versão: 1.2\n\nÚltima atualização: 20 de janeiro de 2025"],
)  # fmt: skip
def test_forms_at_the_top(top: str) -> None:
    """Quoted, listed or plain lines under the title."""
    runbook = read_text(f"# R\n\n{top}\n")
    assert (runbook.version, runbook.updated, runbook.problems) == ("1.2", date(2025, 1, 20), ())


def test_reviews_in_the_list_at_the_top() -> None:
    """They may stand beside the version; a list further down speaks of something else."""
    runbook = read_text(
        "# R\n\n- Version: 1.2\n- Last review: 2026-11-02\n- Next review: 2027-02-01\n\n## S\n\n- Last review: x\n"
    )
    assert (runbook.last_review, runbook.next_review) == (date(2026, 11, 2), date(2027, 2, 1))
    assert runbook.problems == ()


def test_front_matter() -> None:
    """Front matter is metadata, no heading, and lines below it keep their numbers."""
    runbook = read_text('---\ntitle: x\nversion: "3.0"\nstatus: ativo\n---\n\n# R\n')
    assert (runbook.version, runbook.status, runbook.title) == ("3.0", "ativo", "R")
    assert [(one.heading, one.line) for one in runbook.sections] == [("R", 7)]


def test_rule_above_the_title_is_no_front_matter() -> None:
    """A line of dashes hides nothing of the document."""
    assert [one.heading for one in read_text("---\n\n# R\n\n---\n\n## S\n").sections] == ["R", "S"]


def test_body_is_not_metadata() -> None:
    """A status or a version in the text of a chapter is not the document's."""
    runbook = read_text("# R\n\n## S\n\n**Status:** parado\n\n- Version: 9\n")
    assert (runbook.status, runbook.version) == ("", "")


@pytest.mark.parametrize(
    "said",
    ["2027-02-20. Aprovado por: Infraestrutura.", "20/02/2027 (a cada trimestre)", "20 de fevereiro de 2027; ver ATA"],
)
def test_date_with_more_behind_it(said: str) -> None:
    """What else is said in the line of a date is no part of it."""
    runbook = read_text(f"# R\n\n## S\n\nPróxima revisão: {said}\n")
    assert (runbook.next_review, runbook.problems) == (date(2027, 2, 20), ())


@pytest.mark.parametrize(
    "said", ["2025-02-30", "30 de fevereiro de 2025", "20 de brumário de 2025", "amanhã", "30/02/2025", ""]
)
def test_no_date_is_a_problem(said: str) -> None:
    """A date that no calendar has is none, and a problem with its line."""
    runbook = read_text(f"# R\n\n## S\n\n**Próxima revisão:** {said}\n")
    assert runbook.next_review is None
    (problem,) = runbook.problems
    assert (problem.about, problem.subject, problem.place.line) == ("metadata", "Próxima revisão", 5)
    assert f"`{said}`" in problem.message


def test_repeated_line_is_a_problem() -> None:
    """The first counts, the second is named."""
    runbook = read_text("# R\n\nAprovado por: A\n\n## S\n\nApproved by: B\n")
    assert runbook.approved_by == "A"
    assert [(one.place.line, one.place.heading) for one in runbook.problems] == [(7, "S")]


def test_table_at_the_top() -> None:
    """A table of two columns is lines with a label; a list of versions, which names one of them, is not."""
    table = "| | |\n|---|---|\n| Versão | 3.4 |\n| Atualizado em | 2026-11-02 |\n| Próxima revisão | 2027-02-02 |"
    runbook = read_text(f"# R\n\n{table}\n")
    assert (runbook.version, runbook.updated, runbook.next_review) == ("3.4", date(2026, 11, 2), date(2027, 2, 2))
    other = "| | |\n|---|---|\n| Versão | 3.2 |\n| Revisto em | 2026-11-20 |\n| Dono | Infraestrutura |"
    runbook = read_text(f"# R\n\n{other}\n")
    assert (runbook.version, runbook.last_review, runbook.owner) == ("3.2", date(2026, 11, 20), "Infraestrutura")
    runbook = read_text("# R\n\n| Versão | Data |\n|---|---|\n| 1.0 | 2025-01-20 |\n| 1.1 | 2025-02-20 |\n")
    assert (runbook.version, runbook.problems) == ("", ())
