"""Partial damage of a Redis server, which stays up and is not empty."""

from __future__ import annotations

import fnmatch
import itertools
import random
from collections import Counter
from collections.abc import Sequence

import redis

from rehearsal.damage.nothing import NothingToDamageError
from rehearsal.snapshot import databases

TOKEN = b"rehearsal:token"
"""Says that the server is a replica of this run: never touched."""
FOREIGN = b"rehearsal-damage:foreign"
_MOST = 1000
"""Keys that are looked at in each database: enough to show, quick in a large one."""


def damage_redis(client: redis.Redis, *, seed: int = 0, leave_out: Sequence[str] = ()) -> str:
    """Delete some keys, alter others, let expiring ones live for ever, and add foreign ones, in every database.

    What is hit is chosen by the seed from the keys that are there, but for those that a glob of `leave_out` fits.
    Returns a sentence of what was done. Raises redis.RedisError, NothingToDamageError.
    """
    done: Counter[str] = Counter()
    for number in databases.filled(client):
        with databases.at(client, number) as database:
            done += _damage(database, random.Random(seed), leave_out)  # noqa: S311  a choice that can be repeated, no secret
    if not done:
        raise NothingToDamageError("expected keys in Redis to damage, found none but the run's token")
    return "; ".join(f"{what}: {count}" for what, count in sorted(done.items()))


def _damage(database: redis.Redis, choice: random.Random, leave_out: Sequence[str]) -> Counter[str]:
    found = itertools.islice(database.scan_iter(count=_MOST), _MOST)
    keys = sorted(key for key in found if key not in (TOKEN, FOREIGN) and not _fits(key, leave_out))
    choice.shuffle(keys)
    done: Counter[str] = Counter()
    for i, key in enumerate(keys):
        if i % 3 == 0:
            done["keys deleted"] += database.delete(key)
        elif i % 3 == 1:
            done["keys altered"] += _alter(database, key)
        elif database.persist(key):
            done["keys stripped of their expiry"] += 1
    if keys:
        database.set(FOREIGN, "no part of this gateway")
        done["foreign keys added"] += 1
    return done


def _fits(key: bytes, globs: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(key.decode("utf-8", "backslashreplace"), glob) for glob in globs)


def _alter(database: redis.Redis, key: bytes) -> int:
    """Change a key's value, whatever its type; its expiry stays. Return 0 for a type that this can't."""
    match database.type(key):
        case b"string":
            database.append(key, "?")
        case b"list":
            database.rpush(key, FOREIGN)
        case b"set":
            database.sadd(key, FOREIGN)
        case b"zset":
            database.zadd(key, {FOREIGN: 1})
        case b"hash":
            database.hset(key, FOREIGN, "?")
        case b"stream":
            database.xadd(key, {"foreign": "?"})
        case _:
            return 0
    return 1
