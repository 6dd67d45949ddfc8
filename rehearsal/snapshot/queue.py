"""The jobs of a BullMQ queue by state, read with plain commands."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import redis

from rehearsal.snapshot.difference import Difference, SnapshotError, clip

_SORTED = ("prioritized", "delayed", "completed", "failed")
_KEYS = {"waiting": ("wait", "paused"), "active": ("active",), **{state: (state,) for state in _SORTED}}
STATES = tuple(_KEYS)
_SIGNS = ("meta", "id", "events", "stalled-check")
"""Of these some exist as long as a queue does, waiting jobs or not."""
_PAGE = 1000
_NAMED = 20


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """Who is where in a queue at one moment."""

    name: str
    jobs: dict[str, tuple[str, ...]]
    """Ids by state: `waiting` (paused ones too), `active`, `prioritized`, `delayed`, `completed`, `failed`."""
    ages: tuple[float, ...]
    """Seconds that each job has waited, longest first: waiting and prioritized ones, a delayed one from its time on."""
    paused: bool
    workers: int
    """Connected now, by the name that BullMQ gives their connection."""

    @property
    def oldest_age(self) -> float:
        """Return the longest wait in seconds, 0 where nothing waits."""
        return self.ages[0] if self.ages else 0.0

    def age_percentile(self, percent: float) -> float:
        """Return the wait in seconds that `percent` of the waiting jobs do not exceed, 0 where nothing waits."""
        if not self.ages:
            return 0.0
        rank = math.ceil(len(self.ages) * percent / 100)
        return self.ages[::-1][max(rank, 1) - 1]


def take(client: redis.Redis, prefix: str, name: str) -> QueueSnapshot:
    """Take a snapshot of the queue. Jobs that move meanwhile may show in two states or in none.

    Raises SnapshotError, also where no such queue has ever been.
    """
    base = f"{prefix}:{name}:"
    try:
        # In one question: a queue that is far away, or looked at often, is asked ten of them otherwise.
        with client.pipeline(transaction=False) as asking:
            asking.client_list()
            asking.exists(*(f"{base}{key}" for key in _SIGNS))
            asking.time()
            asking.hexists(f"{base}meta", "paused")
            for key in _keys():
                _read(asking, base, key, 0)
            connections, signs, now, paused, *pages = asking.execute()
        workers = _workers(connections, prefix, name)
        if not workers and not signs:
            raise SnapshotError(f"Expected a BullMQ queue under the keys {base}*, found none: compare its name.")
        found = {key: [*page, *_rest(client, base, key, page)] for key, page in zip(_keys(), pages, strict=True)}
        jobs = {state: tuple(_ids(job for key in keys for job in found[key])) for state, keys in _KEYS.items()}
        ages = _ages(client, base, [*jobs["waiting"], *jobs["prioritized"]], now[0] + now[1] / 1e6)
        return QueueSnapshot(name, jobs, tuple(sorted(ages, reverse=True)), bool(paused), workers)
    except redis.RedisError as error:
        raise SnapshotError(f"The queue {name} could not be read whole: {clip(str(error))}") from error


def _keys() -> list[str]:
    return [key for keys in _KEYS.values() for key in keys]


def _read(client: redis.Redis, base: str, key: str, start: int) -> Any:  # noqa: ANN401 - a page, or of a pipeline itself
    read = client.zrange if key in _SORTED else client.lrange
    return read(f"{base}{key}", start, start + _PAGE - 1)


def _rest(client: redis.Redis, base: str, key: str, page: Sequence[bytes]) -> Iterator[bytes]:
    """Yield what comes after a first page, in the order in which it is kept."""
    start = 0
    while len(page) == _PAGE:
        start += _PAGE
        page = _read(client, base, key, start)
        yield from page


def _ids(jobs: Iterable[bytes]) -> Iterator[str]:
    """Yield ids. One that begins with `0:` is a marker of older versions."""
    yield from (job for job in map(_text, jobs) if not job.startswith("0:"))


def _ages(client: redis.Redis, base: str, jobs: list[str], now: float) -> Iterator[float]:
    for start in range(0, len(jobs), _PAGE):
        with client.pipeline(transaction=False) as pipeline:
            for job in jobs[start : start + _PAGE]:
                pipeline.hmget(f"{base}{job}", ["timestamp", "delay"])
            for timestamp, delay in pipeline.execute():
                if timestamp is not None:
                    yield max(0.0, now - (float(timestamp) + float(delay or 0)) / 1000)


def _workers(connections: list[dict[str, str]], prefix: str, name: str) -> int:
    # BullMQ of Node writes the queue's name in base64, that of Python as it is.
    wanted = [f"{prefix}:{one}" for one in (name, base64.b64encode(name.encode()).decode())]
    names = [connection.get("name", "") for connection in connections]
    return sum(one in wanted or one.startswith(tuple(f"{each}:w:" for each in wanted)) for one in names)


def _text(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def compare(before: QueueSnapshot, after: QueueSnapshot) -> tuple[Difference, ...]:
    """Name up to 20 jobs that are lost, new, or in another state, and say how many more there are."""
    one, two = _states(before), _states(after)
    differing = [job for job in sorted(one.keys() | two.keys()) if one.get(job) != two.get(job)]
    found = [
        Difference(f"job {job} of queue {before.name}", one.get(job, "absent"), two.get(job, "absent"))
        for job in differing[:_NAMED]
    ]
    if len(differing) > _NAMED:
        more = f"{len(differing):,} jobs differ, {len(differing) - _NAMED:,} of them not named here"
        found.append(Difference(f"jobs of queue {before.name}", "no difference", more))
    if before.paused != after.paused:
        say = {True: "paused", False: "not paused"}
        found.append(Difference(f"queue {before.name}", say[before.paused], say[after.paused]))
    return tuple(found)


def _states(snapshot: QueueSnapshot) -> dict[str, str]:
    return {job: state for state, jobs in snapshot.jobs.items() for job in jobs}
