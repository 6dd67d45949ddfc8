"""Sabotage of what an API gives back when it says no."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.emergencies.test_worn_out import test_refused_requests_cost_nothing as cost_nothing
from rehearsal.results.model import Outcome
from tests.checks.sabotaged import Change, sabotaged

_READ = """\
        async with self._pool.connection() as conn:
            return await outbox.read(conn, outbox_id)
"""
_KEPT = """\
        conn = await self._pool.getconn()
        found = await outbox.read(conn, outbox_id)
        if found:
            await self._pool.putconn(conn)
        return found
"""
_REUSED = 'return JSONResponse({"error": "this Idempotency-Key was used with another mail"}, 409)'
_COUNTED = f"""self._used = getattr(self, "_used", 0) + 1
            {_REUSED}"""
_HELD_BACK = """\
        if getattr(self, "_used", 0):
            return JSONResponse({"error": "slowly"}, 429)
        if new:
"""
SABOTAGES: dict[str, tuple[list[Change], Outcome, str]] = {
    "as it is": ([], Outcome.OK, "after 50 questions for a mail that it does not have the API took a mail"),
    "keeps a connection": (
        [("app/api.py", _READ, _KEPT)],
        Outcome.CRITICAL,
        "that it does not have the API takes no mail any more",
    ),
    "held back for ever": (
        [("app/api.py", _REUSED, _COUNTED), ("app/api.py", "        if new:\n", _HELD_BACK)],
        Outcome.UNKNOWN,
        "all were held back: 429",
    ),
    "ends after many": (
        [
            ("app/api.py", _REUSED, _COUNTED),
            ("app/api.py", "        if new:\n", '        assert getattr(self, "_used", 0) < 40\n        if new:\n'),
        ],
        Outcome.CRITICAL,
        "other mails under a used key the API takes no mail any more",
    ),
}


@pytest.mark.parametrize(("changes", "outcome", "words"), SABOTAGES.values(), ids=SABOTAGES)
def test_api_that_is_worn_out(changes: list[Change], outcome: Outcome, words: str, tmp_path: Path) -> None:
    """An API that keeps a connection of its pool at each refusal serves nobody in the end."""
    with sabotaged(tmp_path, *changes) as judge:
        seen = judge(cost_nothing)
    assert seen.outcome is outcome, seen.message
    said = [seen.message, *(one.message for one in seen.record.findings)] + [str(one) for one in seen.record.evidence]
    assert any(words in message for message in said), said
