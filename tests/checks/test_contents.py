"""Sabotage of what mails hold on their way."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.emergencies.test_contents import test_each_recipient_gets_the_mail as to_two
from checks.emergencies.test_contents import test_mails_arrive_as_they_were_handed_in as arrive
from rehearsal.results.model import Outcome
from tests.checks.sabotaged import Change, sabotaged

_TEXT, _SUBJECT = "message.set_content(mail.text)", 'message["Subject"] = mail.subject'
_ONE_LINE: Change = ("app/submission.py", "if not _LINE.fullmatch(parts", "if False and not _LINE.fullmatch(parts")
_RAW = """\
first, *rest = mail.subject.splitlines()
    message["Subject"] = first
    for line in rest:
        message[line.partition(": ")[0]] = line.partition(": ")[2]"""
_HTML = 'message.set_content(__import__("html").escape(mail.text).replace("\\n", "<br>\\n"), subtype="html")'
SABOTAGES: dict[str, tuple[list[Change], Outcome, str]] = {
    "as it is": ([], Outcome.OK, ""),
    "a text in ASCII": (
        [("app/smtp.py", _TEXT, 'message.set_content(mail.text.encode("ascii", "replace").decode())')],
        Outcome.CRITICAL,
        "letters of many languages in its text did not arrive as it was handed in: its text of",
    ),
    "a subject in ASCII": (
        [("app/smtp.py", _SUBJECT, 'message["Subject"] = mail.subject.encode("ascii", "ignore").decode()')],
        Outcome.CRITICAL,
        "expected the subject",
    ),
    "a text that is cut off": (
        [("app/smtp.py", _TEXT, "message.set_content(mail.text[:4000])")],
        Outcome.CRITICAL,
        "characters did not arrive as it was handed in",
    ),
    "a column without room": (
        [("migrations/0002_outbox.sql", "body text NOT NULL", "body varchar(4000) NOT NULL")],
        Outcome.WARNING,
        "60,000 characters: the API answered 5",
    ),
    "a form that is filled in": (
        [("app/smtp.py", _TEXT, 'message.set_content(mail.text.replace("%s", ""))')],
        Outcome.CRITICAL,
        "signs that programs give a meaning",
    ),
    "headers of a client's own": ([_ONE_LINE, ("app/smtp.py", _SUBJECT, _RAW)], Outcome.CRITICAL, "header that stood"),
    "from nobody": (
        [("app/smtp.py", "from_addr=mail.sender", 'from_addr=""')],
        Outcome.WARNING,
        "mails came from nobody",
    ),
    "no date": (
        [("app/smtp.py", 'message["Date"] = formatdate()', "pass")],
        Outcome.WARNING,
        "mails arrived without a line `Date:`",
    ),
    "a line break that is told later": ([_ONE_LINE], Outcome.OK, ""),
    "a NUL that the database refuses": (
        [("app/submission.py", 'or "\\0" in value', "")],
        Outcome.WARNING,
        "a NUL in its text: the API answered 5",
    ),
    "a NUL that is left out": (
        [
            ("app/submission.py", 'or "\\0" in value', ""),
            ("app/submission.py", "parts[name] = value", 'parts[name] = value.replace("\\0", "")'),
        ],
        Outcome.OK,
        "",
    ),
    "room for 8 KiB": (
        [("nginx/nginx.conf", "client_max_body_size", "client_max_body_size 8k; #")],
        Outcome.WARNING,
        "nginx answered 413, and the API never saw it",
    ),
    "a footer and a mark": (
        [
            ("app/smtp.py", _TEXT, 'message.set_content("Hello,\\n\\n" + mail.text + "\\n-- \\nthe gateway")'),
            ("app/smtp.py", _SUBJECT, 'message["Subject"] = "[gateway] " + mail.subject'),
        ],
        Outcome.OK,
        "",
    ),
    "HTML": ([("app/smtp.py", _TEXT, _HTML)], Outcome.OK, ""),
}


@pytest.mark.parametrize(("changes", "outcome", "words"), SABOTAGES.values(), ids=SABOTAGES)
def test_what_a_mail_holds(changes: list[Change], outcome: Outcome, words: str, tmp_path: Path) -> None:
    """What a gateway adds around a mail is its own affair; what it changes or loses of it is not."""
    with sabotaged(tmp_path, *changes) as judge:
        seen = judge(arrive)
    assert seen.outcome is outcome, seen.message
    assert not words or any(words in one.message for one in seen.record.findings), seen.message


_MATCH: Change = ("app/submission.py", '_ADDRESS.fullmatch(parts["to"])', '_ADDRESS.match(parts["to"])')
_SPLIT = '"To"] = mail.to.partition("\\r")[0]'
RECIPIENTS: dict[str, tuple[list[Change], Outcome, str]] = {
    "as it is": ([], Outcome.OK, ""),
    "one of two is written to": (
        [_MATCH, ("app/smtp.py", "to_addrs=[mail.to]", 'to_addrs=mail.to.split(",")[:1]')],
        Outcome.CRITICAL,
        "one of the two never got it",
    ),
    "each is written to": (
        [_MATCH, ("app/smtp.py", "to_addrs=[mail.to]", 'to_addrs=mail.to.partition("\\r")[0].split(", ")')],
        Outcome.OK,
        "",
    ),
    "a header of a client's own": (
        [
            _MATCH,
            ("app/smtp.py", '"To"] = mail.to', _SPLIT),
            ("app/smtp.py", "to_addrs=[mail.to]", 'to_addrs=mail.to.replace("\\r\\nBcc:", ",").split(", ")'),
        ],
        Outcome.CRITICAL,
        "writes what headers it likes",
    ),
}


@pytest.mark.parametrize(("changes", "outcome", "words"), RECIPIENTS.values(), ids=RECIPIENTS)
def test_who_gets_a_mail_to_two(changes: list[Change], outcome: Outcome, words: str, tmp_path: Path) -> None:
    """An address that holds two is refused, or stands for both."""
    with sabotaged(tmp_path, *changes, wait=20) as judge:
        seen = judge(to_two)
    assert seen.outcome is outcome, (seen.message, seen.record.evidence)
    assert not words or any(words in one.message for one in seen.record.findings), seen.message
