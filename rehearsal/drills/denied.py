"""What the API says of a mail that it has accepted, while its database is away."""

from __future__ import annotations

import time
from collections import Counter

from rehearsal.drills.mails import Mails
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError
from rehearsal.replica.protocol import Replica

_QUESTIONS, _PAUSE_SECONDS = 4, 0.5


def ask_without_database(replica: Replica, gateway: Gateway) -> Counter[str]:
    """Return how often the API said which state, or that it can't say.

    Raises NotOnThisTargetError where it tells no state while all is well; NoAnswerError, DeadlineError, ReplicaError.
    """
    mail = Mails(replica, gateway).deliver("a mail sent before the database stops")
    with Http(replica, gateway.http) as http:
        try:
            http.state_of(mail.id)
        except NoAnswerError as error:
            msg = f"the API tells no state of its mails: {error}"
            raise NotOnThisTargetError(msg) from None
        replica.stop("postgres")
        said: Counter[str] = Counter()
        for _ in range(_QUESTIONS):
            try:
                said[http.state_of(mail.id)] += 1
            except NoAnswerError:
                said[""] += 1
            time.sleep(_PAUSE_SECONDS)
    return said
