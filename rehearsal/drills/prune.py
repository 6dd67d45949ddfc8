"""A clean-up of the engine while services are stopped: what they need must still be there when they start again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import psycopg
import redis

from rehearsal.drills.mails import Mails
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.postgres_store import PostgresStore
from rehearsal.drills.redis_store import RedisStore
from rehearsal.drills.stores import Store
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.patience import run_patiently
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import NoAnswerError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook
from rehearsal.runbook.model import Place
from rehearsal.runbook.vocabulary import means
from rehearsal.snapshot import Difference, SnapshotError

_PRUNES = re.compile(r"\bdocker\s+(?:system|container|volume|image|network|builder)\s+prune\b|\bdocker\s+volume\s+rm\b")
STOPPED = ("postgres", "redis")
"""Whoever has stopped them wants to start them again."""


@dataclass
class Pruned:
    """What a clean-up left of a stack of which services were stopped."""

    run: ProcedureRun
    problems: list[str] = field(default_factory=list)
    """What did not work any more, each in a sentence."""
    differences: list[Difference] = field(default_factory=list)


def prunes_elsewhere(runbook: Runbook, heading: str) -> Procedure | None:
    """Return the commands of all other sections that clean up the engine, as one procedure; None without any."""
    found = [
        (section, command)
        for section in runbook.sections
        if not means(section.heading, heading)
        for part in section.procedures
        for command in part.commands
        if _PRUNES.search(command.text)
    ]
    if not found:
        return None
    first, command = found[0]
    commands = tuple(command for _, command in found)
    text = "\n".join(command.text for command in commands)
    return Procedure(Place(command.line, first.heading), "bash", commands, text)


def prune(replica: Replica, gateway: Gateway, written: Procedure) -> Pruned:
    """Stop the stores, run the clean-up, start them again, and compare. Raises TargetError, ReplicaError."""
    limit = gateway.replica.command_timeout_seconds
    commands = fill_in(replica, written.commands, gateway.placeholders, timeout=limit)
    mails = Mails(replica, gateway)
    sent = mails.deliver("a mail sent before the clean-up")
    mails.problems += mails.wrongly_delivered([sent], mails.await_copies([sent]))
    stores: tuple[Store, ...] = (
        PostgresStore(gateway.postgres.changing),
        RedisStore(gateway.queue, gateway.redis.changing),
    )
    before = [store.take(replica) for store in stores]
    for service in STOPPED:
        replica.stop(service)
    seen = Pruned(run_patiently(replica, commands, gateway.replica))
    names = " ".join(STOPPED)
    started = replica.run_script(f"docker-compose start {names}", timeout=limit)
    if not started.ok:
        seen.problems.append(f"the stopped services can't be started any more: `docker-compose start` {started.ending}")
        replica.run_script(f"docker-compose up -d {names}", timeout=limit)
    try:
        _compare(replica, gateway, seen, list(zip(stores, before, strict=True)))
        mails.deliver("a mail handed in after the clean-up")
    except (NoAnswerError, DeadlineError, SnapshotError, psycopg.Error, redis.RedisError) as error:
        seen.problems.append(f"the gateway did not work again: {' '.join(str(error).split())}")
    return seen


def _compare(replica: Replica, gateway: Gateway, seen: Pruned, taken: list[tuple[Store, Any]]) -> None:
    ready = gateway.replica.ready_timeout_seconds
    for store, before in taken:
        now = wait_until(
            lambda store=store: store.take(replica),  # type: ignore[misc]
            lambda _: True,
            what=f"{store.name} to answer",
            timeout=ready,
            forgive=(psycopg.OperationalError, redis.RedisError, OSError),
        )
        seen.differences += store.compare(before, now)
    wait_until(lambda: _is_ready(replica, gateway), what="a ready API", timeout=ready, forgive=(NoAnswerError,))


def _is_ready(replica: Replica, gateway: Gateway) -> bool:
    with Http(replica, gateway.http) as http:
        return http.get(gateway.http.readiness).is_success
