"""Section "Verificação de Conectividade": what the health endpoints say when there is something to say."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import httpx
import pytest

from rehearsal.drills.telling import Telling, looks_at, named_by
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.http import Http
from rehearsal.gateway.target import NoAnswerError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure

_SHOWN = 80


@pytest.mark.drill
@pytest.mark.section("Verificação de Conectividade")
@pytest.mark.parametrize(("service", "lives"), [("postgres", True), ("redis", True), ("api", False)])
def test_health_tells_what_is_down(
    service: str, *, lives: bool, replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """Without a store the API lives and is not ready, because a health page that always says yes wakes nobody."""
    replica.stop(service)
    with Http(replica, gateway.http) as http:
        for path, healthy in ((gateway.http.liveness, lives), (gateway.http.readiness, False)):
            expected, settled = ("success", httpx.codes.is_success) if healthy else ("anything but success", _fails)
            try:
                status = wait_until(
                    partial(_status, http, path),
                    settled,
                    what=f"{expected} from {path}",
                    timeout=gateway.replica.ready_timeout_seconds,
                )
            except DeadlineError as error:
                evidence.critical(f"with {service} stopped: {error}", action=what_to_do(runbook, service))
            else:
                evidence.saw(f"with {service} stopped {path} answered {status or 'nothing'}, expected {expected}")
                if told := _secret_in(http, path, replica):
                    evidence.critical(f"with {service} stopped {path} tells whoever asks a password: `{told}`")
                # Asked again: the first silence may be that of the moment in which the store went away.
                if lives and not status and not _status(http, path):
                    silent = f"gives no answer within {gateway.http.timeout_seconds:g} s, where 503 would tell at once"
                    evidence.warning(f"with {service} stopped {path} {silent}: it looks as if the API were dead")


@pytest.mark.drill
@pytest.mark.section("Verificação de Conectividade")
@pytest.mark.parametrize("service", ["postgres", "redis", "api", "nginx"])
def test_commands_tell_what_is_down(
    service: str, replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """The section's commands tell that a service is down, because who runs them each morning looks at nothing else."""
    written, part = procedure(runbook, "Verificação de Conectividade"), gateway.replica
    telling = Telling.listen(replica, written.commands, part.command_timeout_seconds)
    replica.stop(service)
    try:
        told = wait_until(telling.different, what="a command that tells", timeout=part.ready_timeout_seconds)
    except DeadlineError:
        words = f"with {service} stopped each command of the section says what it says when all is well"
        say = evidence.critical if looks_at(service, written.commands) else evidence.warning
        say(words, source=evidence.source(written.place))
        return
    mute = telling.mute(named_by(service, written.commands), part.ready_timeout_seconds)
    for one in mute[-1:]:
        evidence.warning(
            f"`{one.text}` says with {service} stopped what it says when all is well, and the words above it name"
            f" {service}: {one.label}",
            source=evidence.at(written.place, one.line),
        )
    for command in told:
        evidence.ran(command)


def _status(http: Http, path: str) -> int:
    try:
        return http.get(path).status
    except NoAnswerError:
        return 0


def _secret_in(http: Http, path: str, replica: Replica) -> str:
    """Return the words before a secret of the replica in an answer; empty where none stands in it."""
    with suppress(NoAnswerError):
        body = http.get(path).body
        found = next((secret for secret in replica.secrets if secret and secret in body), "")
        return body.partition(found)[0][-_SHOWN:] + "***" if found else ""
    return ""


def _fails(status: int) -> bool:
    return not httpx.codes.is_success(status)
