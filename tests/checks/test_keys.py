"""Sabotage of the API's key: a mail that is taken without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.security.test_keys import test_no_mail_is_taken_without_a_key as without_a_key
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

KEY = (
    "gateway.toml",
    '# submit_headers = { X-Api-Key = "test" }',
    'submit_headers = { X-Api-Key = "rehearsal-key", X-Tenant = "one" }',
)
AT = "        try:\n            key = read_key(request.headers)\n"
ASKS = '        if {}:\n            return JSONResponse({{"error": "no key"}}, 401)\n'
GIVEN = 'request.headers.get("x-api-key")'
OF_STATES = '        """Tell what became of a mail."""\n'


@pytest.mark.parametrize(
    ("refuses", "outcome", "words"),
    [
        (f'{GIVEN} != "rehearsal-key"', Outcome.OK, "without a key got 401"),
        ("False", Outcome.CRITICAL, "a mail without a key to be refused, the API took it"),
        (f"not {GIVEN}", Outcome.CRITICAL, "a mail with a wrong key to be refused"),
        ("True", Outcome.UNKNOWN, "nothing can be said of others"),
        ('request.headers.get("x-tenant") != "one"', Outcome.CRITICAL, "a mail without a key"),
    ],
    ids=["asked", "not asked", "any will do", "none will do", "another header"],
)
def test_key_is_asked_for(refuses: str, outcome: Outcome, words: str, tmp_path: Path) -> None:
    """An API that takes a mail without its key, or with any, is critical; headers that are no key are always given."""
    asked = ASKS.format(refuses)
    with sabotaged(
        tmp_path, KEY, ("app/api.py", AT, asked + AT), ("app/api.py", OF_STATES, OF_STATES + asked)
    ) as judge:
        seen = judge(without_a_key)
    assert seen.outcome is outcome, seen.message
    said = [finding.message for finding in seen.record.findings] + [seen.message]
    assert any(words in message for message in said), said


def test_states_that_anybody_may_ask_for_are_a_warning(tmp_path: Path) -> None:
    """An API that takes mails with its key only, and tells everybody what became of them, is told."""
    asked = ASKS.format(f'{GIVEN} != "rehearsal-key"')
    with sabotaged(tmp_path, KEY, ("app/api.py", AT, asked + AT)) as judge:
        seen = judge(without_a_key)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert [one.message.partition(",")[0] for one in seen.record.findings] == [
        "asked without a key",
        "asked with a wrong key",
    ]


def test_wrong_key_is_one_of_the_same_kind(tmp_path: Path) -> None:
    """An API that looks at the word before the key alone takes any."""
    bearer = ("gateway.toml", KEY[1], 'submit_headers = { Authorization = "Bearer rehearsal-key" }')
    asked = ASKS.format('not request.headers.get("authorization", "").startswith("Bearer ")')
    with sabotaged(tmp_path, bearer, ("app/api.py", AT, asked + AT)) as judge:
        seen = judge(without_a_key)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "a mail with a wrong key" in seen.message


def test_api_without_a_key_is_none_of_it(judge: Judge) -> None:
    """A gateway whose clients need none is not asked for one."""
    assert judge(without_a_key).outcome is Outcome.NOT_APPLICABLE
