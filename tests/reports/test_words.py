from __future__ import annotations

import string

import pytest

from rehearsal.reports.sections import Seen
from rehearsal.reports.words import WORDS
from rehearsal.results.model import Outcome


def placeholders(text: str) -> set[str]:
    """Return the names between braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_languages_have_the_same_words() -> None:
    """Nothing that is said in one language is missing in the other."""
    assert set(WORDS["pt"]) == set(WORDS["en"])
    assert {key: placeholders(text) for key, text in WORDS["pt"].items()} == {
        key: placeholders(text) for key, text in WORDS["en"].items()
    }


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_a_word_and_a_verdict(outcome: Outcome) -> None:
    """A new outcome can't be without words."""
    assert {outcome.value, f"verdict_{outcome.value}"} <= set(WORDS["en"])


def test_each_state_of_a_section_has_a_word() -> None:
    """So with sections that were not verified."""
    assert {seen.value for seen in Seen} - {"verified"} <= set(WORDS["en"])
