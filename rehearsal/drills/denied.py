"""What the API says of a mail that it has accepted, while its database is away."""

from __future__ import annotations

import time
from collections import Counter

from rehearsal.drills.mails import Mails
from rehearsal.drills.refusal import Watch
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.replica.protocol import Replica

_QUESTIONS, _PAUSE_SECONDS = 4, 0.5


def ask_without_database(replica: Replica, gateway: Gateway) -> Counter[str]:
    """Return how often the API said which state, or that it can't say.

    Raises NotOnThisTargetError where it tells no state while all is well; NoAnswerError, DeadlineError, ReplicaError.
    """
    mail = Mails(replica, gateway).deliver("a mail sent before the database stops")
    with Http(replica, gateway.http) as http:
        watch = Watch(replica, gateway, http, mail.id)
        if not watch.state():
            raise NotOnThisTargetError("the API tells no state of its mails")
        replica.stop("postgres")
        said: Counter[str] = Counter()
        for _ in range(_QUESTIONS):
            said[watch.state()] += 1
            time.sleep(_PAUSE_SECONDS)
    return said
