"""Section "Verificação de Conectividade": what clients say on the way to a gateway of HTTPS nobody else reads."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.http import Http
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError, Target
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook

CLOSED = (403, 404, 410, 426, 444)


@pytest.mark.daily
@pytest.mark.section("Verificação de Conectividade")
def test_no_mail_is_taken_in_clear(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """The API of a gateway of HTTPS is not reached without TLS, because mails and keys would be read on the way."""
    parts = urlsplit(gateway.http.url)
    if parts.scheme != "https":
        msg = "http.url of gateway.toml is not https: clients reach this gateway without TLS"
        raise NotOnThisTargetError(msg)
    url = f"http://{parts.hostname}:{gateway.http.plain_port}{gateway.http.submit}"
    with Http(target, gateway.http) as http:
        try:
            answer = http.get(url)
        except NoAnswerError as error:
            evidence.saw(f"nothing answers at {url}: {error}")
            return
    if answer.location.startswith("https://") or answer.status in CLOSED:
        evidence.saw(f"{url} answered {answer.found}")
    else:
        evidence.warning(
            f"expected {url} to send clients to HTTPS, found the API behind it: {answer.found}",
            action=what_to_do(runbook, "nginx"),
        )
