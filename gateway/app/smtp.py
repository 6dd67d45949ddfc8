"""Handing one mail to the SMTP server."""

from __future__ import annotations

import contextlib
import smtplib
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Literal

# Of each answer of the server, in seconds.
TIME_LIMIT = 5
PERMANENT = 500

Outcome = Literal["accepted", "deferred", "refused"]


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent, and under which id."""

    outbox_id: str
    sender: str
    to: str
    subject: str
    text: str

    @property
    def message_id(self) -> str:
        """The same at every attempt, so that a reader's mail program can tell a duplicate."""
        return f"<{self.outbox_id}@{self.sender.rpartition('@')[2]}>"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the server said: took it, not now, or never."""

    outcome: Outcome
    code: int | None
    detail: str
    milliseconds: float


def compose(mail: Mail) -> EmailMessage:
    """Return the message with its headers. Raises ValueError for a subject with a line break."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = mail.message_id
    message["X-Outbox-Id"] = mail.outbox_id
    message.set_content(mail.text)
    return message


def send(mail: Mail, host: str, port: int) -> Attempt:
    """Send a mail and return what came of it; what goes wrong is an outcome, not an exception."""
    started = time.monotonic()
    try:
        # A fixed name: without one smtplib asks DNS for this machine's, and waits for it.
        with contextlib.closing(smtplib.SMTP(host, port, local_hostname="email-gateway", timeout=TIME_LIMIT)) as server:
            outcome, code, detail = _hand_over(server, mail)
    except (OSError, smtplib.SMTPException) as problem:
        outcome, code, detail = "deferred", None, f"{type(problem).__name__}: {problem}"
    except ValueError as problem:
        outcome, code, detail = "refused", None, str(problem)
    return Attempt(outcome, code, detail[:500], (time.monotonic() - started) * 1000)


def _hand_over(server: smtplib.SMTP, mail: Mail) -> tuple[Outcome, int | None, str]:
    try:
        server.send_message(compose(mail), from_addr=mail.sender, to_addrs=[mail.to])
    except smtplib.SMTPRecipientsRefused as refusal:
        return _by_code(*refusal.recipients[mail.to])
    except smtplib.SMTPResponseException as refusal:
        return _by_code(refusal.smtp_code, refusal.smtp_error)
    except smtplib.SMTPNotSupportedError as problem:
        return "refused", None, str(problem)
    # From here on it is the server's mail, whatever becomes of the goodbye.
    with contextlib.suppress(OSError, smtplib.SMTPException):
        server.quit()
    return "accepted", 250, ""


def _by_code(code: int, said: bytes | str) -> tuple[Outcome, int | None, str]:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    known = code if 200 <= code <= 599 else None  # noqa: PLR2004 - the range of SMTP's reply codes
    return ("refused" if code >= PERMANENT else "deferred"), known, f"{code} {text}"
