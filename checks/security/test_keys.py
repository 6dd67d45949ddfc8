"""Section "Suspeita de Ataque": who has no key hands in no mail."""

from __future__ import annotations

import uuid

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import ACCEPTED, Http
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica


@pytest.mark.drill
@pytest.mark.section("Suspeita de Ataque")
def test_no_mail_is_taken_without_a_key(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """The API takes a mail with its key only, because whoever else hands one in sends in the gateway's name."""
    if not gateway.http.key_headers:
        msg = "http.submit_headers of gateway.toml names no key: this API asks for none"
        raise NotOnThisTargetError(msg)
    given = dict(gateway.http.submit_headers)
    others = {name: value for name, value in given.items() if name not in gateway.http.key_headers}
    wrong = dict.fromkeys(gateway.http.key_headers, f"no-such-{uuid.uuid4().hex}")
    ways = {"with its key": given, "without a key": others, "with a wrong key": {**others, **wrong}}
    for what, headers in ways.items():
        with Http(replica, gateway.http.model_copy(update={"submit_headers": headers})) as http:
            answer = http.hand_in("recipient@example.com", f"a mail {what}", "text", str(uuid.uuid4()))
        taken = answer.status in ACCEPTED
        if headers is not given and taken:
            evidence.critical(f"expected a mail {what} to be refused, the API took it: {answer.found}")
        elif headers is given and not taken:
            evidence.unknown(f"expected a mail {what} to be taken, got {answer.found}: nothing can be said of others")
        else:
            evidence.saw(f"a mail {what} got {answer.status}")
