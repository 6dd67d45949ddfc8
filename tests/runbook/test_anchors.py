"""Expectations are what github.com answers for such headings."""

import pytest

from rehearsal.runbook.anchors import Anchors
from tests.runbook.reading import read_text


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Manutenção Preventiva", "manutenção-preventiva"),
        ("1. Status dos Serviços", "1-status-dos-serviços"),
        ("Renovar Certificados (Let's Encrypt)", "renovar-certificados-lets-encrypt"),
        ("Email Gateway - Runbook", "email-gateway---runbook"),
        ("Backups & Recovery", "backups--recovery"),
        ("a_b / c.d", "a_b--cd"),
        ("en\N{EN DASH}dash", "endash"),
        ("I \N{BLACK HEART SUIT} unicode", "i--unicode"),
        ("m\N{SUPERSCRIPT TWO}", "m"),
        ("n\N{MASCULINE ORDINAL INDICATOR} 1", "n\N{MASCULINE ORDINAL INDICATOR}-1"),
        ("O\N{COMBINING TILDE}", "o\N{COMBINING TILDE}"),
    ],
)
def test_anchor_of_a_heading(heading: str, anchor: str) -> None:
    """Accents stay, punctuation goes, each space is one hyphen."""
    assert Anchors().next(heading) == anchor


def test_repeats_are_numbered() -> None:
    """A repeat gets the next number that no other heading has."""
    anchors = Anchors()
    given = [anchors.next(heading) for heading in ("echo", "echo", "echo 1", "echo-1", "echo")]
    assert given == ["echo", "echo-1", "echo-1-1", "echo-1-2", "echo-2"]


def test_markup_is_not_part_of_an_anchor() -> None:
    """Emphasis, code and links count by what is shown of them."""
    runbook = read_text("# **Ver** `docker ps` e [o guia](https://example.org)\n")
    assert runbook.sections[0].anchor == "ver-docker-ps-e-o-guia"
