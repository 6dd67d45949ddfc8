from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.snapshot.expressions import same_meaning

_IN = "((plan)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_IN, "((plan)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))"),
        ("(ARRAY[1, 2])::numeric(10,2)[]", "ARRAY[(1)::numeric(10,2), (2)::numeric(10,2)]"),
        ("(((a >= 1) AND (a <= 9)) AND (a <> 5))", "((a >= 1) AND (a <= 9) AND (a <> 5))"),
        ("((a OR b) OR (c OR d))", "(a OR b OR c OR d)"),
    ],
    ids=["IN list", "type with a size", "BETWEEN", "OR"],
)
def test_other_writing_is_no_difference(one: str, other: str) -> None:
    """What PostgreSQL itself writes in two ways is the same."""
    assert same_meaning(one, other)
    assert same_meaning(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_IN, _IN.replace("'b'", "'c'")),
        (_IN, _IN.replace(", 'b'::character varying", "")),
        (_IN, _IN.replace("text[]", "name[]")),
        ("((a OR b) AND c)", "(a OR (b AND c))"),
        ("(NOT (a AND b))", "(NOT a AND b)"),
        ("f((a AND b), c)", "f((a AND c), b)"),
        ("'((a AND b) AND c)'", "'(a AND b AND c)'"),
        ("$f$ ((a AND b) AND c) $f$", "$f$ (a AND b AND c) $f$"),
        ("'a  b'", "'a b'"),
    ],
    ids=["value", "fewer", "type", "precedence", "NOT", "arguments", "literal", "function body", "spaces in a literal"],
)
def test_other_meaning_is_a_difference(one: str, other: str) -> None:
    """Nothing but those two ways of writing is forgiven."""
    assert not same_meaning(one, other)


@given(st.text(alphabet="()[]',;\"$ aAND:OR", max_size=60))
def test_any_text_means_the_same_as_itself(text: str) -> None:
    """Brackets and quotes that don't match, as in a function's body, are no trouble."""
    assert same_meaning(text, text)
    assert not same_meaning(text, text + "x")
