from __future__ import annotations

import base64
import time

import pytest
import redis

from rehearsal.content.queue import NAME, PREFIX, RICH, plant
from rehearsal.snapshot import SnapshotError
from rehearsal.snapshot.queue import QueueSnapshot, compare, take

_BASE = f"{PREFIX}:{NAME}:"


@pytest.fixture
def queue(client: redis.Redis) -> redis.Redis:
    """Return a client of a server with a queue that has jobs in every state."""
    plant(client, RICH)
    return client


def _snapshot(*ages: float) -> QueueSnapshot:
    return QueueSnapshot("q", {}, tuple(sorted(ages, reverse=True)), paused=False, workers=0)


def test_each_state_is_read(queue: redis.Redis) -> None:
    """Jobs with a priority or a delay wait elsewhere than in the list, and are seen."""
    found = take(queue, PREFIX, NAME)
    assert {state: len(jobs) for state, jobs in found.jobs.items()} == {
        "waiting": len(RICH.waiting),
        "active": 0,
        "prioritized": len(RICH.prioritized),
        "delayed": len(RICH.delayed),
        "completed": len(RICH.completed),
        "failed": len(RICH.failed),
    }
    assert (found.paused, found.workers) == (False, 0)


def test_ages_count_from_when_a_job_could_run(queue: redis.Redis) -> None:
    """A job waits from its creation on, one that was delayed from its time on; a delayed one does not wait yet."""
    seconds, _ = queue.time()
    first, second, *_ = take(queue, PREFIX, NAME).jobs["waiting"]
    queue.hset(f"{_BASE}{first}", "timestamp", str((seconds - 500) * 1000))
    queue.hset(f"{_BASE}{second}", mapping={"timestamp": str((seconds - 500) * 1000), "delay": "400000"})
    found = take(queue, PREFIX, NAME)
    assert len(found.ages) == len(RICH.waiting) + len(RICH.prioritized)
    assert found.oldest_age == pytest.approx(500, abs=20)
    assert found.ages[1] == pytest.approx(100, abs=20)
    assert found.ages[2] < 60


@pytest.mark.parametrize(
    ("ages", "percent", "expected"),
    [((), 95, 0), ((7,), 95, 7), (range(1, 101), 95, 95), (range(1, 101), 100, 100), ((1, 9), 50, 1), ((1, 9), 0, 1)],
)
def test_percentile(ages: tuple[float, ...], percent: float, expected: float) -> None:
    """So many per cent of the jobs wait no longer than this."""
    assert _snapshot(*ages).age_percentile(percent) == expected


def test_lost_moved_and_new_jobs_are_named(queue: redis.Redis) -> None:
    """A job that went from one state to another is told with both."""
    before = take(queue, PREFIX, NAME)
    lost, moved, *_ = before.jobs["waiting"]
    queue.lrem(f"{_BASE}wait", 0, lost)
    queue.lrem(f"{_BASE}wait", 0, moved)
    queue.lpush(f"{_BASE}active", moved)
    queue.lpush(f"{_BASE}wait", "new")
    found = {one.where: (one.expected, one.observed) for one in compare(before, take(queue, PREFIX, NAME))}
    assert found == {
        f"job {lost} of queue {NAME}": ("waiting", "absent"),
        f"job {moved} of queue {NAME}": ("waiting", "active"),
        f"job new of queue {NAME}": ("absent", "waiting"),
    }


def test_many_lost_jobs_are_counted(queue: redis.Redis) -> None:
    """Twenty are named, the others counted."""
    queue.lpush(f"{_BASE}wait", *range(1000, 2500))
    before = take(queue, PREFIX, NAME)
    queue.delete(f"{_BASE}wait")
    found = compare(before, take(queue, PREFIX, NAME))
    assert len(found) == 21
    assert found[-1].observed == "1,503 jobs differ, 1,483 of them not named here"


def test_pause_is_seen(queue: redis.Redis) -> None:
    """A queue that was left paused sends nothing: that is a difference."""
    before = take(queue, PREFIX, NAME)
    assert compare(before, before) == ()
    queue.hset(f"{_BASE}meta", "paused", "1")
    queue.rename(f"{_BASE}wait", f"{_BASE}paused")
    found = compare(before, take(queue, PREFIX, NAME))
    assert [(one.where, one.observed) for one in found] == [(f"queue {NAME}", "paused")]


def test_workers_are_counted(queue: redis.Redis) -> None:
    """A worker is known by the name of its connection, and another queue's is not counted."""
    known = queue.connection_pool.connection_kwargs["path"]
    # As BullMQ of Python writes it, and as that of Node does: `CLIENT LIST` of a worker of each.
    of_node = base64.b64encode(NAME.encode()).decode()
    others = (f"{PREFIX}:{NAME}-other", f"{PREFIX}:{of_node}:qe", f"{PREFIX}:{base64.b64encode(b'other').decode()}")
    names = (f"{PREFIX}:{NAME}", f"{PREFIX}:{NAME}:w:one", f"{PREFIX}:{of_node}", f"{PREFIX}:{of_node}:w:two", *others)
    clients = [redis.Redis(unix_socket_path=known, client_name=name) for name in names]
    for one in clients:
        one.ping()
    assert take(queue, PREFIX, NAME).workers == 4
    for one in clients:
        one.close()
    deadline = time.monotonic() + 10
    while take(queue, PREFIX, NAME).workers:
        assert time.monotonic() < deadline


def test_unknown_queue_is_an_error(queue: redis.Redis) -> None:
    """A misspelt name is not an empty queue."""
    with pytest.raises(SnapshotError, match="bull:rehearsal-dril:"):
        take(queue, PREFIX, "rehearsal-dril")


def test_key_of_another_type_is_an_error(queue: redis.Redis) -> None:
    """What can't be read as a queue makes no snapshot."""
    queue.set(f"{_BASE}delayed", "x")
    with pytest.raises(SnapshotError, match="WRONGTYPE"):
        take(queue, PREFIX, NAME)
