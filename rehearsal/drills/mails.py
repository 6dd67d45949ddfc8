"""Mails that a drill hands in, and whether each of them arrived exactly once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.target import NoAnswerError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica

_QUIET_SECONDS = 0.5
"""How long a second copy is waited for after the first has arrived."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A mail that the API has accepted."""

    id: str
    token: str
    """Unique, in its subject: it is how the mail is known again at the sink."""
    what: str
    """What the drill is about to prove with it, for the sentence of a finding."""


class Mails:
    """Hands in mails and looks for them at the replica's SMTP sink."""

    def __init__(self, replica: Replica, gateway: Gateway) -> None:
        self._replica = replica
        self._gateway = gateway

    def offer(self, what: str) -> Offered:
        """Hand in a mail with a subject of its own. Raises NoAnswerError when the API does not accept it."""
        token = str(uuid.uuid4())
        with Http(self._replica, self._gateway.http) as http:
            mail_id = http.submit("recipient@example.com", f"{what} {token}", "A mail of a drill.")
        return Offered(mail_id, token, what)

    def deliver(self, what: str) -> Offered:
        """Hand in a mail and wait until it has arrived: the whole way works. Raises NoAnswerError or DeadlineError."""
        offered = wait_until(
            lambda: self.offer(what),
            what="the API to accept a mail",
            timeout=self._gateway.replica.ready_timeout_seconds,
            forgive=(NoAnswerError,),
        )
        self.await_arrival(offered)
        return offered

    def await_arrival(self, offered: Offered) -> None:
        """Wait until a mail has arrived. Raises DeadlineError."""
        deadline = self._gateway.replica.ready_timeout_seconds
        wait_until(lambda: self.copies(offered), what=f"{offered.what} to arrive at the sink", timeout=deadline)

    def copies(self, offered: Offered) -> int:
        """Count the copies of a mail at the sink."""
        return sum(offered.token in mail.subject for mail in self._replica.mails())

    def wrongly_delivered(self, expected: list[Offered]) -> list[str]:
        """Wait for each mail, and a little longer for a second copy; say what is wrong, empty where nothing is."""
        timeout = self._gateway.replica.ready_timeout_seconds
        try:
            wait_until(
                lambda: min((self.copies(one) for one in expected), default=1), what="the mails", timeout=timeout
            )
            wait_until(lambda: False, what="a second copy", timeout=_QUIET_SECONDS)
        except DeadlineError:
            pass
        counts = [(one, self.copies(one)) for one in expected]
        return [f"expected {one.what} to arrive once, it arrived {count} times" for one, count in counts if count != 1]
