"""Whether an outage shows in what the daily checks look at, and whether it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

import httpx
import redis

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.queue import look
from rehearsal.gateway.stores import ask_postgres, write_to_redis
from rehearsal.gateway.target import Target, TargetError
from rehearsal.snapshot import SnapshotError

Look = Callable[[], list[str]]
_PAUSE_SECONDS = 0.1


def looks(target: Target, gateway: Gateway, *, frozen: str = "") -> Mapping[str, Look]:
    """Return what the daily checks look at, each as a function that says what is wrong; empty where nothing is.

    The state of a service that the drill itself has frozen is left out: a process that hangs looks up and running.
    """
    return {
        "services": partial(_services, target, frozen),
        "liveness": partial(_http, target, gateway, gateway.http.liveness),
        "readiness": partial(_http, target, gateway, gateway.http.readiness),
        "postgres": partial(_postgres, target, gateway),
        "redis": partial(_redis, target),
        "queue": partial(_queue, target, gateway),
    }


def trouble(target: Target, gateway: Gateway) -> list[str]:
    """Return all that is wrong now, each in a sentence."""
    found = looks(target, gateway)
    with ThreadPoolExecutor(len(found)) as pool:
        return [words for said in pool.map(_said, found.values()) for words in said]


def first_trouble(target: Target, gateway: Gateway, *, frozen: str = "", timeout: float) -> str:
    """Look until something is wrong, and return what was seen first; empty where nothing was in `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        found = looks(target, gateway, frozen=frozen)
        pool = ThreadPoolExecutor(len(found))
        try:
            words = _first(pool, found.values())
        finally:
            # Who still waits for a hung service ends by its own time limit.
            pool.shutdown(wait=False)
        if words or time.monotonic() >= deadline:
            return words
        time.sleep(_PAUSE_SECONDS)


def _first(pool: ThreadPoolExecutor, found: Iterable[Look]) -> str:
    for answer in as_completed([pool.submit(_said, one) for one in found]):
        if said := answer.result():
            return said[0]
    return ""


def queue_stands(target: Target, gateway: Gateway, since: float) -> str:
    """Say that mails wait and none is taken, since `since` of the monotonic clock; empty where that does not show."""
    try:
        queue = look(target, gateway.queue)
    except (SnapshotError, redis.RedisError):
        return ""
    passed = time.monotonic() - since
    limit = gateway.objectives.queue_age_p95_seconds
    if not queue.ages or queue.oldest_age < passed / 2:
        return ""
    return (
        f"{len(queue.ages)} jobs wait, the oldest for {queue.oldest_age:.1f} s and rising:"
        f" over the objective in {limit:g} s (objectives.queue_age_p95_seconds)"
    )


def _said(one: Look) -> list[str]:
    try:
        return one()
    except (TargetError, SnapshotError, redis.RedisError, httpx.HTTPError) as error:
        return [" ".join(str(error).split()) or type(error).__name__]


def _services(target: Target, frozen: str) -> list[str]:
    return [
        f"{state.name} is not up and healthy: {state.detail}"
        for state in target.services()
        if state.name != frozen and (not state.running or state.healthy is False)
    ]


def _http(target: Target, gateway: Gateway, path: str) -> list[str]:
    with Http(target, gateway.http) as http:
        answer = http.get(path)
    return [] if answer.is_success else [f"{answer.url} answered {answer.found}"]


def _postgres(target: Target, gateway: Gateway) -> list[str]:
    answer = ask_postgres(target)
    if answer.database == gateway.postgres.database and answer.tables and not answer.read_only:
        return []
    return [f"PostgreSQL answers with {answer.tables} tables in {answer.database}, read-only: {answer.read_only}"]


def _redis(target: Target) -> list[str]:
    write_to_redis(target)
    return []


def _queue(target: Target, gateway: Gateway) -> list[str]:
    queue = look(target, gateway.queue)
    found = [] if queue.workers else [f"no worker listens on the queue {gateway.queue.name}"]
    return [*found, f"the queue {gateway.queue.name} is paused"] if queue.paused else found
