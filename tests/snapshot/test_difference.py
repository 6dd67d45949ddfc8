from __future__ import annotations

from rehearsal.snapshot.difference import Difference, clip, difference


def test_short_texts_are_shown_whole() -> None:
    """What fits is not cut."""
    assert difference("column a.b", "integer", "text") == Difference("column a.b", "integer", "text")


def test_long_texts_are_shown_where_they_part() -> None:
    """Of two long bodies a reader sees what differs, not their equal beginnings."""
    found = difference("function f", "a" * 5000 + " RETURN 1", "a" * 5000 + " RETURN 2")
    assert found.expected.endswith("RETURN 1")
    assert found.observed.endswith("RETURN 2")
    assert max(len(found.expected), len(found.observed)) < 330


def test_text_that_goes_on_is_shown_from_its_end() -> None:
    """Where one text is the beginning of the other, what follows is seen."""
    found = difference("view v", "a" * 400, "a" * 400 + "; DROP")
    assert found.observed.endswith("; DROP")


def test_lines_become_one() -> None:
    """A sentence has no line breaks."""
    assert clip("a\n\n  b\tc") == "a b c"
