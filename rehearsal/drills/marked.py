"""A key that Redis must still know after steps, or after a crash: whether they have taken away what it held."""

from __future__ import annotations

from functools import partial

import redis

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica, ReplicaError

_KEY = "rehearsal:kept"


def mark_redis(replica: Replica, gateway: Gateway) -> None:
    """Write the key, to the disk too. Raises TargetError."""

    def saved() -> bool:
        with replica.redis() as client:
            client.set(_KEY, "kept")
            return bool(client.save())

    # One that saves by itself at this moment refuses.
    wait_until(saved, what="Redis to save", timeout=gateway.replica.ready_timeout_seconds, forgive=(redis.RedisError,))


def was_emptied(replica: Replica) -> bool:
    """Tell whether the key is gone; it is then in any case. Raises redis.RedisError."""
    with replica.redis() as client:
        return not client.delete(_KEY)


def what_redis_forgot(replica: Replica, gateway: Gateway) -> str:
    """Kill Redis and start it, as a power cut does, and say what was lost; empty where the key is there.

    Raises ReplicaError where it can't be killed.
    """
    replica.kill("redis")
    try:
        replica.start("redis")
        limit = gateway.replica.ready_timeout_seconds
        emptied = wait_until(
            partial(was_emptied, replica),
            lambda _: True,
            what="Redis to answer",
            timeout=limit,
            forgive=(redis.RedisError, TargetError),
        )
    except (DeadlineError, ReplicaError) as error:
        return f"killed and started again, Redis does not come back: {error}"
    return "killed and started again, Redis has forgotten what it held before: its files are gone" if emptied else ""
