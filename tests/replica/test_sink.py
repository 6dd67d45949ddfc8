"""The mail sink, spoken to as a mail client does."""

from __future__ import annotations

import smtplib
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from rehearsal.gateway.wait import wait_until
from rehearsal.replica.processes import sink
from rehearsal.replica.processes.replica import ProcessReplica


@pytest.fixture
def client(plain: ProcessReplica) -> smtplib.SMTP:
    """Return a conversation with the sink of a replica."""
    return smtplib.SMTP("127.0.0.1", plain.blueprint.ports.smtp, timeout=5)


def test_many_mails_at_once_are_all_there(plain: ProcessReplica) -> None:
    """Mails that are handed in at the same time are each acknowledged, and each written down whole."""
    before = len(plain.mails())

    def send(number: int) -> None:
        with smtplib.SMTP("127.0.0.1", plain.blueprint.ports.smtp, timeout=10) as one:
            one.sendmail("a@x.org", ["b@x.org", "c@x.org"], f"Subject: {number}\r\n\r\n" + "x" * 100_000)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(send, range(64)))
    seen = plain.mails()[before:]
    assert sorted(int(mail.subject) for mail in seen) == list(range(64))
    assert {(len(mail.body.strip()), mail.recipients) for mail in seen} == {(100_000, ("b@x.org", "c@x.org"))}


def test_mail_that_breaks_off_is_not_there(plain: ProcessReplica, client: smtplib.SMTP) -> None:
    """What was not acknowledged is no mail: a connection that ends in the middle leaves nothing."""
    before = len(plain.mails())
    client.ehlo()
    client.mail("a@x.org")
    client.rcpt("b@x.org")
    client.putcmd("data")
    assert client.getreply()[0] == 354
    client.send(b"Subject: half\r\n")
    client.close()
    with smtplib.SMTP("127.0.0.1", plain.blueprint.ports.smtp, timeout=5) as other:
        other.sendmail("a@x.org", ["b@x.org"], "Subject: whole\r\n\r\n")
    seen = wait_until(lambda: plain.mails()[before:], what="the whole mail", timeout=5)
    assert [mail.subject for mail in seen] == ["whole"]


def test_sequence_errors_are_answered(client: smtplib.SMTP) -> None:
    """DATA without a recipient, and a verb that is not known, are refused and the conversation goes on."""
    with client:
        client.ehlo()
        assert client.docmd("DATA")[0] == 503
        assert client.docmd("TURN")[0] == 502
        assert client.noop()[0] == 250


@pytest.mark.parametrize("manner", sink.MANNERS)
def test_recipient_says_what_the_first_try_meets(plain: ProcessReplica, manner: str) -> None:
    """The first try of a mail to such a recipient is not taken, and leaves nothing; the next one is."""
    before, to = len(plain.mails()), f"{manner}{uuid.uuid4().hex[:8]}@x.org"

    def send(seconds: float = 30) -> None:
        with smtplib.SMTP("127.0.0.1", plain.blueprint.ports.smtp, timeout=seconds) as one:
            one.sendmail("a@x.org", [to, "b@x.org"], "Subject: later\r\nMessage-Id:\r\n <1@x.org>\r\n\r\n")

    with pytest.raises(smtplib.SMTPException) as refused:
        send(2 if manner == sink.SILENT else 30)
    read = f"{to}: {sink.READ_AS} <1@x.org>"
    middle = {sink.SILENT: [f"{to}: {sink.GAVE_UP}"], sink.DEFERRED: [read], sink.CUT: [read]}.get(manner, [])
    assert len(plain.mails()) == before
    assert getattr(refused.value, "smtp_code", 451) == 451
    send()
    assert [mail.recipients for mail in plain.mails()[before:]] == [(to, "b@x.org")]
    told = [line for line in plain.logs("smtp", 50).splitlines() if line.startswith(to)]
    assert told == [f"{to}: not now", *middle, f"{to}: taken"]
