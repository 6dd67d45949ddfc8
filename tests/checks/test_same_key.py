"""Sabotage of idempotency where the same mail comes several times at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.emergencies.test_service_failure import test_mail_handed_in_at_once_is_one as at_once
from checks.emergencies.test_service_failure import test_mails_under_long_keys_are_told_apart as long_keys
from checks.emergencies.test_service_failure import test_other_mail_under_a_used_key_is_not_forgotten as another
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import Change, sabotaged

_UNIQUE = (
    ("migrations/0002_outbox.sql", "now(),\n    PRIMARY KEY (company_id, key)", "now()"),
    ("app/outbox.py", "ON CONFLICT (company_id, key) DO NOTHING\n", ""),
)
_HESITATES: Change = (
    "app/api.py",
    "            if (outbox_id := await outbox.accept(",
    "            await asyncio.sleep(0.3)\n            if (outbox_id := await outbox.accept(",
)
"""Between the look and the insert, so that all have looked by then, however busy the machine is."""
_SECOND = (
    "            await conn.rollback()\n"
    "            if (found := await outbox.known(conn, _COMPANY, key, mail)) is not None:\n"
    "                return *found, False\n"
)


def test_same_mail_at_once_is_ok(judge: Judge) -> None:
    """The reference's table takes a key once."""
    seen = judge(at_once)
    assert seen.outcome is Outcome.OK, seen.message


def test_api_that_looks_first_and_inserts_later_is_seen(tmp_path: Path) -> None:
    """Without a constraint, several of the requests find nothing and accept the mail: critical."""
    with sabotaged(tmp_path, *_UNIQUE, _HESITATES) as judge:
        seen = judge(at_once)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    said = [finding.message for finding in seen.record.findings]
    assert any("accepted twice under one idempotency key" in message for message in said), said
    assert any("delivered more than once" in message for message in said), said


def test_rows_of_those_who_came_second_are_seen(tmp_path: Path) -> None:
    """A request that comes second, and leaves its row all the same, is answered well; its mail is sent later."""
    forgets: Change = (
        "app/api.py",
        "            await conn.rollback()\n            if (found",
        "            if (found",
    )
    with sabotaged(tmp_path, forgets, _HESITATES) as judge:
        seen = judge(at_once)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "delivered more than once" in seen.message


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("raise outbox.KeyReusedError", Outcome.OK), ("raise RuntimeError", Outcome.WARNING)],
    ids=["409", "500"],
)
def test_answer_to_who_came_second(answer: str, outcome: Outcome, tmp_path: Path) -> None:
    """A conflict is an answer; a fault of the API's own is told, and no mail was lost or doubled by it."""
    change: Change = ("app/api.py", _SECOND, f"            await conn.rollback()\n            {answer}\n")
    with sabotaged(tmp_path, change, _HESITATES) as judge:
        seen = judge(at_once)
    assert seen.outcome is outcome, seen.message


def test_requests_that_nginx_turns_away_say_nothing(tmp_path: Path) -> None:
    """Where one request alone comes as far as the API nobody knows what it makes of several."""
    with sabotaged(
        tmp_path,
        ("nginx/nginx.conf", "zone=emails:10m rate=30r/s", "zone=emails:10m rate=20r/m"),
        ("nginx/nginx.conf", "limit_req zone=emails burst=100 nodelay", "limit_req zone=emails"),
    ) as judge:
        seen = judge(at_once)
    assert seen.outcome is Outcome.UNKNOWN, seen.message


_DIFFERS = "    if row[1] != mail.fingerprint:\n        raise KeyReusedError\n"
_CLAIMS = "        async with self._pool.connection() as conn:\n            claimed ="
_IS_SLOW: Change = ("app/worker.py", _CLAIMS, f"        await asyncio.sleep(3)\n{_CLAIMS}")
"""The first is still to be sent when the other comes."""
_OVERWRITES = """\
    if row[1] != mail.fingerprint:
        await conn.execute("UPDATE email_outbox SET subject = %s WHERE id = %s", (mail.subject, row[0]))
"""


@pytest.mark.parametrize(
    ("changes", "outcome", "words"),
    [
        ([], Outcome.OK, ""),
        ([("app/outbox.py", _DIFFERS, "")], Outcome.WARNING, "the other was never sent"),
        (
            [("app/outbox.py", "(self.to, self.subject, self.text))", "(self.to, self.subject))")],
            Outcome.WARNING,
            "which differed in its text alone",
        ),
        (
            [("app/api.py", "except outbox.KeyReusedError:", "except ZeroDivisionError:")],
            Outcome.WARNING,
            "answered 500",
        ),
        (
            [("app/outbox.py", _DIFFERS, _OVERWRITES), _IS_SLOW],
            Outcome.CRITICAL,
            "took the place of the first",
        ),
    ],
    ids=["refused", "forgotten", "another text", "a fault", "overwritten"],
)
def test_another_mail_under_a_used_key(changes: list[Change], outcome: Outcome, words: str, tmp_path: Path) -> None:
    """A conflict is an answer; an id for a mail that is never sent is a warning, a place taken is critical."""
    with sabotaged(tmp_path, *changes) as judge:
        seen = judge(another)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


def _key(what: str) -> Change:
    line = 'key = headers.get("idempotency-key", "")'
    return ("app/submission.py", line, line + what)


@pytest.mark.parametrize(
    ("changes", "outcome", "words"),
    [
        ([], Outcome.OK, ""),
        ([_key("[:32]")], Outcome.CRITICAL, "keys of 40 characters"),
        ([_key("[:64]")], Outcome.CRITICAL, "keys of 73 characters"),
        ([_key(".lower()")], Outcome.CRITICAL, "keys of 24 characters"),
        ([_key("[:32]"), ("app/outbox.py", _DIFFERS, "")], Outcome.CRITICAL, "never sent"),
    ],
    ids=["whole", "32", "64", "no capitals", "32 and no look at the mail"],
)
def test_key_that_is_cut_off(changes: list[Change], outcome: Outcome, words: str, tmp_path: Path) -> None:
    """An API that looks at the first signs of a key takes two mails for one: critical."""
    with sabotaged(tmp_path, *changes) as judge:
        seen = judge(long_keys)
    assert seen.outcome is outcome, seen.message
    assert any(words in one.message for one in seen.record.findings) or not words, seen.message


def test_long_key_that_is_refused_is_an_answer(tmp_path: Path) -> None:
    """A limit that is told is no fault."""
    with sabotaged(tmp_path, ("app/submission.py", "{1,255}", "{1,36}")) as judge:
        seen = judge(long_keys)
    assert seen.outcome is Outcome.OK, seen.message
