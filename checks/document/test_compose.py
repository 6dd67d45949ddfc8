"""The Compose file and the Compose of the host: what the document's commands start, and what they start it with."""

from __future__ import annotations

import pytest

from rehearsal.gateway.compose import OLD, is_maintained, versions_of_compose
from rehearsal.gateway.compose_faults import Composed
from rehearsal.gateway.compose_places import misplaced
from rehearsal.gateway.compose_services import careless, health_checks, is_blind
from rehearsal.gateway.compose_shared import databases_named, handed_over, queues_of_one
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError, Target
from rehearsal.plugin import Record
from rehearsal.runbook import DOCUMENT, Runbook
from rehearsal.runbook.model import Place
from rehearsal.runbook.review import calls, commands_of

pytestmark = [pytest.mark.weekly, pytest.mark.section(DOCUMENT)]


def test_compose_is_maintained(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """`docker-compose` of the document is a Compose that still gets fixes, because version 1 got its last in 2023."""
    commands = [command for command in commands_of(runbook) if calls(command, OLD)]
    if target.is_replica or not commands:
        msg = "only a host has a Compose of its own" if commands else f"the document has no command of `{OLD}`"
        raise NotOnThisTargetError(msg)
    old, new = versions_of_compose(target, timeout=gateway.live.command_timeout_seconds)
    source = evidence.source(Place(commands[0].line, OLD))
    if old and not is_maintained(old):
        evidence.warning(f"`{OLD}` is version {old}, which has had no maintenance since July 2023", source=source)
    elif not old and new:
        message = (
            f"{len(commands)} commands say `{OLD}`, which {target.name} does not have: it has `docker compose` {new}"
        )
        evidence.warning(message, action="write `docker compose`", source=source)
    elif not old:
        evidence.unknown(f"expected {target.name} to have {OLD} or `docker compose`, found neither", source=source)
    evidence.saw(f"{OLD}: {old or 'not there'}, docker compose: {new or 'not there'}")


def test_compose_file_gives_what_containers_lack(gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """The Compose file gives volumes, closed ports and restarts, as containers forget, are open and stay down."""
    composed = Composed(gateway)
    for doubt in [*composed.doubts(), *careless(composed, runbook.text)]:
        (evidence.critical if doubt.critical else evidence.warning)(doubt.message, source=composed.file)
    evidence.saw(f"{composed.file} starts {composed.shown}")


def test_compose_file_has_things_where_commands_look(gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Files and ports are on the host where the document's commands look, as each of them fails in vain otherwise."""
    composed = Composed(gateway)
    for doubt in misplaced(composed, runbook):
        (evidence.critical if doubt.critical else evidence.warning)(doubt.message, source=composed.file)
    evidence.saw(f"{composed.file} was held against the document's commands and the scripts")


def test_health_checks_of_compose_file_can_fail(gateway: Gateway, evidence: Record) -> None:
    """A container's health check can fail, as one that can't calls a dead service healthy."""
    composed = Composed(gateway)
    tests = health_checks(composed)
    if not tests:
        msg = f"{composed.file} gives no service a health check"
        raise NotOnThisTargetError(msg)
    for name, test in tests.items():
        if is_blind(test):
            evidence.warning(f"{name} is healthy whatever happens: `{test}` can't fail", source=composed.file)
    evidence.saw("; ".join(f"{name}: {test}" for name, test in tests.items()))


def test_compose_file_gives_api_and_worker_the_same(gateway: Gateway, evidence: Record) -> None:
    """The Compose file gives the API and the worker the same stores and queue, as mails in another are never sent."""
    composed = Composed(gateway)
    shared, alone = handed_over(composed), list(queues_of_one(composed, gateway.queue))
    if not shared and not alone:
        msg = f"{composed.file} gives API and worker no variable of a store or queue that both have"
        raise NotOnThisTargetError(msg)
    for variable, (api, worker) in shared.items():
        if api != worker:
            message = f"the API has {variable}={api}, the worker {worker}: what one hands over the other never sees"
            evidence.critical(message, source=composed.file)
    for service, variable, value, wanted in alone:
        if value != wanted:
            message = f"{service} alone has {variable}={value}, expected {wanted}, the queue of gateway.toml"
            evidence.critical(f"{message}: what one hands over the other never sees", source=composed.file)
    evidence.saw(f"both have {', '.join(shared) or 'no variable of a store'}, one alone {len(alone)} of the queue")


def test_compose_file_gives_the_database_of_the_backups(gateway: Gateway, evidence: Record) -> None:
    """API and worker keep mails in the database that gateway.toml names, as a backup of another one holds none."""
    composed, wanted = Composed(gateway), gateway.postgres.database
    named = {service: databases_named(composed, service) for service in ("api", "worker")}
    if not any(named.values()) or "database" not in gateway.postgres.model_fields_set:
        msg = f"{composed.file} writes out no database for API or worker, or gateway.toml none in [postgres]"
        raise NotOnThisTargetError(msg)
    for service, found in named.items():
        said = ", ".join(f"{variable} names {name}" for variable, name in found.items())
        if found and wanted not in found.values():
            message = f"{service}: {said}, expected {wanted} (postgres.database), which is what backups hold"
            evidence.critical(message, source=composed.file)
        evidence.saw(f"{service}: {said or 'nothing'}")
