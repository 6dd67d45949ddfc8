"""Section "Verificação de Conectividade": the questions that a listening port does not answer."""

from __future__ import annotations

import uuid

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.emergencies import what_to_do
from rehearsal.gateway.health import faults, is_catch_all
from rehearsal.gateway.http import NO_TLS, Http
from rehearsal.gateway.room import FULL, ask_connections, ask_redis_memory
from rehearsal.gateway.stores import ask_postgres, ask_redis_keeping, write_to_redis
from rehearsal.gateway.target import NotOnThisTargetError, Target
from rehearsal.plugin import Record
from rehearsal.plugin.rows import judge_row, known_row, percent_row
from rehearsal.runbook import Runbook

pytestmark = [pytest.mark.daily, pytest.mark.section("Verificação de Conectividade")]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("endpoint", ["liveness", "readiness"])
def test_health_endpoint(
    scheme: str, endpoint: str, gateway: Gateway, target: Target, runbook: Runbook, evidence: Record
) -> None:
    """The API says through nginx that it lives and is ready, because that is what its callers see."""
    base = {"http": gateway.http.url, "https": gateway.http.https_url}[scheme]
    if not base:
        raise NotOnThisTargetError(NO_TLS)
    action = what_to_do(runbook, "api")
    with Http(target, gateway.http) as http, evidence.demanding(action):
        answer = http.get(base + getattr(gateway.http, endpoint))
        if not answer.is_success:
            evidence.critical(f"expected 200 from {answer.url}, got {answer.found}", action=action)
        for fault in faults(answer) if answer.is_success else ():
            evidence.critical(f"expected {answer.url} to say that all is well, got {fault}", action=action)
        nowhere = http.get(f"{base}/rehearsal-{uuid.uuid4()}")
        if is_catch_all(answer, nowhere):
            same = f"{nowhere.url}, which nobody serves, has the same answer"
            evidence.critical(f"expected {answer.url} to answer for the API, and {same}: {answer.found}", action=action)
        evidence.saw(f"{answer.url} answered {answer.status}: {answer.body[:200].strip()}")


def test_postgres_answers(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """PostgreSQL answers a query in the right database, because `pg_isready` is content when that has been dropped."""
    action = what_to_do(runbook, "postgres")
    with evidence.demanding(action):
        answer = ask_postgres(target)
        if answer.database != gateway.postgres.database or not answer.tables:
            found = f"{answer.tables} tables in {answer.database}"
            evidence.critical(f"expected tables in {gateway.postgres.database}, found {found}", action=action)
        if answer.read_only:
            evidence.critical("PostgreSQL answers and takes no writes: it is read-only", action=action)
        evidence.saw(f"PostgreSQL {answer.version} answered in {answer.database}, which has {answer.tables} tables")


def test_postgres_has_connections_left(target: Target, runbook: Runbook, evidence: Record) -> None:
    """PostgreSQL has connections left for those who come next, because one that is refused is a mail that is."""
    action = what_to_do(runbook, "postgres")
    with evidence.demanding(action):
        seen = ask_connections(target)
        if not seen.left:
            evidence.critical(f"PostgreSQL has no connection left for the gateway: {seen.summary}", action=action)
        if (row := known_row(runbook, "PostgreSQL Connections")) is not None:
            judge_row(evidence, runbook, row, {"%": seen.percent, "": seen.used})
        evidence.saw(f"PostgreSQL: {seen.summary}")


def test_redis_takes_a_write(target: Target, runbook: Runbook, evidence: Record) -> None:
    """Redis takes a write and gives it back, because it answers PING while it refuses every job."""
    with evidence.demanding(what_to_do(runbook, "redis")):
        version = write_to_redis(target)
        evidence.saw(f"Redis {version} took a key, gave it back and deleted it")


def test_redis_keeps_what_it_takes(target: Target, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Redis writes to disk and evicts nothing, because a job that it forgets is a mail that nobody sends."""
    action = what_to_do(runbook, "redis")
    with evidence.demanding(action):
        # A team that says which table holds the truth has a queue that can be made again.
        keeping = ask_redis_keeping(target, remade=gateway.queue.says_outbox)
        for fault in keeping.faults:
            evidence.critical(fault, action=action)
        for doubt in keeping.doubts:
            evidence.warning(doubt, action=action)
        evidence.saw(f"Redis keeps jobs: {keeping.summary}")


def test_redis_has_memory_left(target: Target, runbook: Runbook, evidence: Record) -> None:
    """Redis is clear of its limit of memory, because a full one refuses every job."""
    action = what_to_do(runbook, "redis")
    with evidence.demanding(action):
        memory = ask_redis_memory(target)
        if memory.percent >= FULL:
            evidence.critical(f"Redis is full: {memory.summary}", action=action)
        own = known_row(runbook, "Redis Memory")
        if (row := own or percent_row(runbook, "Memory")) is not None:
            values = {"%": memory.percent, "MB": memory.mib, "GB": memory.mib / 1024}
            judge_row(evidence, runbook, row, values, "of Redis, of its maxmemory", covers=own is not None)
        evidence.saw(f"Redis: {memory.summary}")
