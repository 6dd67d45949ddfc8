"""Section "Suspeita de Ataque": who has no key hands in no mail."""

from __future__ import annotations

import uuid

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import ACCEPTED, UNKNOWN, Http
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica


@pytest.mark.drill
@pytest.mark.section("Suspeita de Ataque")
def test_no_mail_is_taken_without_a_key(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """The API serves who has its key only, because whoever else hands in a mail sends in the gateway's name."""
    if not gateway.http.key_headers:
        msg = "http.submit_headers of gateway.toml names no key: this API asks for none"
        raise NotOnThisTargetError(msg)
    given = dict(gateway.http.submit_headers)
    others = {name: value for name, value in given.items() if name not in gateway.http.key_headers}
    wrong = {name: _another(value) for name, value in gateway.http.key_headers.items()}
    ways = {"with its key": given, "without a key": others, "with a wrong key": {**others, **wrong}}
    mail_id = ""
    for what, headers in ways.items():
        with Http(replica, gateway.http.model_copy(update={"submit_headers": headers})) as http:
            answer = http.hand_in("recipient@example.com", f"a mail {what}", "text", str(uuid.uuid4()))
            taken = answer.status in ACCEPTED
            if headers is given and taken:
                mail_id = http.id_in(answer)
            elif mail_id and _tells(http, mail_id):
                evidence.warning(
                    f"asked {what}, the API tells what became of a mail: anybody may ask for others' mails"
                )
        if headers is not given and taken:
            evidence.critical(f"expected a mail {what} to be refused, the API took it: {answer.found}")
        elif headers is given and not taken:
            evidence.unknown(f"expected a mail {what} to be taken, got {answer.found}: nothing can be said of others")
        else:
            evidence.saw(f"a mail {what} got {answer.status}")


def _another(key: str) -> str:
    """Return a key that nobody has, behind the word that says what kind it is of: `Bearer ...`."""
    scheme, space, _ = key.rpartition(" ")
    return f"{scheme}{space}no-such-{uuid.uuid4().hex}"


def _tells(http: Http, mail_id: str) -> bool:
    try:
        return http.state_of(mail_id) != UNKNOWN
    except NoAnswerError:
        return False
