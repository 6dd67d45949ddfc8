"""Section "Status dos Serviços"."""

from __future__ import annotations

import re

import pytest

from fixtures.history import Former
from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.logs import errors_in
from rehearsal.gateway.nginx_files import hides_errors
from rehearsal.gateway.target import NotOnThisTargetError, Target
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook, procedure

pytestmark = [pytest.mark.daily, pytest.mark.section("Status dos Serviços")]


@pytest.mark.parametrize("service", SERVICES)
def test_service_up(
    service: str, gateway: Gateway, target: Target, runbook: Runbook, evidence: Record, former: Former
) -> None:
    """Each of the five services is up and healthy, because mail stops where one of them does."""
    _demand_here(service, gateway, target)
    state = next((state for state in target.services() if state.name == service), None)
    action = what_to_do(runbook, service)
    if state is None:
        evidence.critical(f"expected a service {service}, found none of that name", action=action)
        return
    if not state.certain:
        evidence.unknown(f"expected a service {service}, found {state.detail}")
        return
    name = f"restarts of {service}"
    since = new_restarts(state.restarts, None if target.is_replica else former(name))
    evidence.count(name, state.restarts)
    if not state.running or state.healthy is False:
        evidence.critical(f"expected {service} up and healthy, found: {state.detail}", action=action)
    elif state.restarts > 1 and target.is_replica:
        evidence.critical(
            f"{service} restarts in a loop: {state.restarts} times in a replica's short life", action=action
        )
    elif since:
        evidence.warning(f"{service} is up, after {since} restarts of its own since the last run", action=action)
    evidence.saw(f"{service}: {state.detail}, {state.restarts} restarts of its own since it was made")


def new_restarts(now: int, before: float | None) -> int:
    """Return how often a service has restarted since it was last counted: of one that was made anew, all of them."""
    return now if before is None or now < before else now - int(before)


@pytest.mark.parametrize("service", SERVICES)
def test_log_free_of_errors(service: str, gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """No service speaks of errors in its latest log lines, because they say first what will fail next."""
    _demand_here(service, gateway, target)
    lines = _tail(runbook)
    log = target.logs(service, lines)
    errors = errors_in(service, log)
    action = what_to_do(runbook, service)
    if errors.grave:
        evidence.critical(
            f"the log of {service} has {len(errors.grave)} grave errors, last: {errors.grave[-1]}", action=action
        )
    if errors.plain:
        evidence.warning(
            f"the log of {service} has {len(errors.plain)} errors, last: {errors.plain[-1]}", action=action
        )
    if service == "nginx" and (hidden := hides_errors(gateway)):
        evidence.warning(
            f"nginx writes its errors nowhere (error_log {hidden}): its log is free of them whatever happens"
        )
    evidence.saw(f"{len(log.splitlines())} of the last {lines} log lines of {service} were read")


def _demand_here(service: str, gateway: Gateway, target: Target) -> None:
    if not target.is_replica and gateway.live.names.get(service, service) == "":
        msg = f"{service} is not on this host: live.services of gateway.toml says so"
        raise NotOnThisTargetError(msg)


def _tail(runbook: Runbook) -> int:
    """How many lines the runbook's own commands look at."""
    found = re.findall(r"--tail[= ](\d+)", procedure(runbook, "Status dos Serviços").text)
    return max(map(int, found), default=100)
