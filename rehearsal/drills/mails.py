"""Mails that a drill hands in, and whether each of them arrived exactly once."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import UNKNOWN, Http, unexplained
from rehearsal.gateway.target import NoAnswerError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica

_TEXT = "A mail of a drill."
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
    key: str
    """Its idempotency key."""


class Mails:
    """Hands in mails and looks for them at the replica's SMTP sink."""

    def __init__(self, replica: Replica, gateway: Gateway) -> None:
        self._replica = replica
        self._gateway = gateway
        self.problems: list[str] = []
        """What the API promised and did not keep, each in a sentence."""

    def offer(self, what: str, text: str = _TEXT) -> Offered:
        """Hand in a mail with a subject of its own. Raises NoAnswerError when the API does not accept it."""
        token, key = str(uuid.uuid4()), str(uuid.uuid4())
        with Http(self._replica, self._gateway.http) as http:
            offered = Offered(self._submit(http, what, token, key, text), token, what, key)
            # What is accepted must be on record by then: a crash a moment later would lose it.
            if http.state_of(offered.id) == UNKNOWN:
                self.problems.append(f"expected {what} to be on record once it was accepted, it is {UNKNOWN}")
        return offered

    def offer_again(self, offered: Offered) -> None:
        """Hand in a mail under the key that it had, as a client does that got no answer: it is the same mail."""
        try:
            with Http(self._replica, self._gateway.http) as http:
                again = self._submit(http, offered.what, offered.token, offered.key)
        except NoAnswerError as error:
            self.problems.append(f"{offered.what}, handed in again under its idempotency key: {error}")
        else:
            if again != offered.id:
                self.problems.append(f"expected {offered.what} to be known by its idempotency key, it got another id")

    def _submit(self, http: Http, what: str, token: str, key: str, text: str = _TEXT) -> str:
        return http.submit("recipient@example.com", f"{what} {token}", text, key)

    def deliver(self, what: str, text: str = _TEXT) -> Offered:
        """Hand in a mail and wait until it has arrived: the whole way works. Raises NoAnswerError or DeadlineError."""
        offered = wait_until(
            lambda: self.offer(what, text),
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

    def await_copies(self, expected: list[Offered]) -> float:
        """Wait for each mail, and return when a second copy of them has been waited for long enough.

        In seconds of the monotonic clock. A mail that does not come in time is told by `wrongly_delivered`.
        """
        timeout = self._gateway.replica.ready_timeout_seconds
        with suppress(DeadlineError):
            wait_until(
                lambda: min((self.copies(one) for one in expected), default=1), what="the mails", timeout=timeout
            )
        return time.monotonic() + _QUIET_SECONDS

    def await_moment(self, moment: float) -> None:
        """Wait until a moment of the monotonic clock."""
        time.sleep(max(moment - time.monotonic(), 0))

    def wrongly_delivered(self, expected: list[Offered], quiet: float) -> list[str]:
        """Say what is wrong at the moment `quiet`, of `await_copies`: empty where nothing is."""
        self.await_moment(quiet)
        counts = [(one, self.copies(one)) for one in expected]
        wrong = [f"expected {one.what} to arrive once, it arrived {count} times" for one, count in counts if count != 1]
        return wrong + self._wrongly_told([one for one, count in counts if count == 1])

    def await_record(self, arrived: list[Offered]) -> None:
        """Wait until the API says of mails that they are sent. Raises DeadlineError."""
        with Http(self._replica, self._gateway.http) as http:
            for one in arrived:
                # The row learns it a moment after the sink.
                wait_until(
                    lambda one=one: _said(http, one.id),  # type: ignore[misc]
                    lambda state: state == "sent",
                    what=f"the API to say that {one.what} is sent, as it is",
                    timeout=self._gateway.replica.ready_timeout_seconds,
                    forgive=(NoAnswerError,),
                )

    def _wrongly_told(self, arrived: list[Offered]) -> list[str]:
        try:
            self.await_record(arrived)
        except DeadlineError as error:
            return [str(error)]
        return []


def _said(http: Http, mail_id: str) -> str:
    state = http.state_of(mail_id)
    return state + unexplained(state)
