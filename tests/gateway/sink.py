"""An SMTP server that keeps what it is given, or answers as a test tells it to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """Mails that were accepted, in order; `answer` decides on each: None accepts, `451 later` refuses."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[Message] = []
        self.tried = 0
        self.answer: Callable[[], str | None] = lambda: None
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - aiosmtpd's names
        """Take one mail, or not."""
        self.tried += 1
        refusal = self.answer()
        if refusal is not None:
            return refusal
        with self._lock:
            self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"

    def start(self) -> None:
        """Listen."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()

    def reset(self) -> None:
        """Forget everything."""
        self.mails.clear()
        self.tried = 0
        self.answer = lambda: None

    def ids(self) -> list[str]:
        """Return the outbox ids of the mails, in the order in which they came."""
        with self._lock:
            return [str(mail["X-Outbox-Id"]) for mail in self.mails]


def slow(seconds: float, reply: str | None = None) -> Callable[[], str | None]:
    """Return an answer that comes late. It blocks the sink: one mail at a time."""

    def answer_later() -> str | None:
        time.sleep(seconds)
        return reply

    return answer_later
