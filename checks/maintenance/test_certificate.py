"""Section "Verificar Validade": the certificate that clients are shown, not the file beside it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.http import NO_TLS
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError, Target
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook, RunbookError, procedure


@pytest.mark.daily
@pytest.mark.section("Verificar Validade")
def test_served_certificate_lasts(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """The certificate that nginx serves is valid long enough to be renewed, because clients refuse an expired one."""
    if not gateway.http.https_url:
        raise NotOnThisTargetError(NO_TLS)
    least, source = _least(runbook, gateway, evidence)
    with evidence.demanding(what_to_do(runbook, "nginx")):
        left = _expiry(target, gateway.http.https_url + gateway.http.liveness) - datetime.now(UTC)
        shown = f"the certificate of {gateway.http.https_url} is valid for {left.days} more days"
        if left < least:
            evidence.warning(f"{shown}, expected at least {least.days}", source=source)
        evidence.saw(f"{shown}, and {least.days} are asked for")


def _least(runbook: Runbook, gateway: Gateway, evidence: Record) -> tuple[timedelta, str]:
    written = procedure(runbook, "Verificar Validade")
    for command in written.commands:
        if asked := re.search(r"-checkend\s+(\d+)", command.text):
            return timedelta(seconds=int(asked[1])), evidence.at(written.place, command.line)
    if gateway.objectives.certificate_days:
        return timedelta(days=gateway.objectives.certificate_days), "objectives.certificate_days"
    msg = (
        f"{evidence.source(written.place)}: expected `openssl x509 ... -checkend SECONDS`, found none; write it, or"
        " objectives.certificate_days in gateway.toml"
    )
    raise RunbookError(msg)


def _expiry(target: Target, url: str) -> datetime:
    try:
        with target.http() as client, client.stream("GET", url) as answer:
            shown = answer.extensions["network_stream"].get_extra_info("ssl_object").getpeercert(binary_form=True)
    except httpx.HTTPError as error:
        msg = f"expected {url} to show a certificate that clients accept, got {type(error).__name__}: {error}"
        raise NoAnswerError(msg) from None
    return x509.load_der_x509_certificate(shown).not_valid_after_utc
