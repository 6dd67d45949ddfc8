from __future__ import annotations

import redis
from hypothesis import HealthCheck, example, given, settings

from rehearsal.content.redis import FAR, PREFIX, RedisContent, holds, plant
from rehearsal.content.redis_values import RICH, contents
from rehearsal.snapshot import databases, plain
from rehearsal.snapshot.redis import LEFT_OUT, RedisSnapshot, compare, take
from tests.snapshot.servers import Redis


@given(content=contents())
@example(content=RICH)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_content_is_planted_and_seen_alike(client: redis.Redis, content: RedisContent) -> None:
    """Whatever is generated, the server takes, and the script and the plain commands digest it to the same."""
    assert holds(client, plant(client, content))
    by_script = take(client)
    by_commands = {number: plain.read(client, number, LEFT_OUT) for number in databases.filled(client)}
    assert compare(by_script, RedisSnapshot(by_commands, by_script.functions, by_script.taken)) == ()


def test_planted_again_replaces(client: redis.Redis) -> None:
    """A second content takes the place of the first one, and leaves other keys alone."""
    client.set("other", "x")
    plant(client, RICH)
    second = plant(client, RedisContent())
    assert holds(client, second)
    assert sorted(client.keys()) == [b"other", PREFIX + b"sentinel"]


def test_server_with_one_database_is_content(redis_server: Redis) -> None:
    """Where there is no second database nothing is planted there, and what is there is whole."""
    with redis_server.run("--databases", "1") as client:
        assert holds(client, plant(client, RICH))
        assert list(databases.filled(client)) == [0]


def test_lost_content_is_noticed(client: redis.Redis) -> None:
    """An empty server does not hold the sentinel."""
    assert not holds(client, RICH.sentinel)


def test_values_are_read_back(client: redis.Redis) -> None:
    """What stands under the keys is what was given, in both databases, half of it with an expiry."""
    plant(client, RICH)
    for number in (0, 1):
        with databases.at(client, number) as database:
            assert database.lrange(PREFIX + b"list:few", 0, -1) == list(RICH.lists[b"few"])
            assert database.hgetall(PREFIX + b"hash:few") == RICH.hashes[b"few"]
            assert database.smembers(PREFIX + b"set:few") == RICH.sets[b"few"]
            assert dict(database.zrange(PREFIX + b"zset:few", 0, -1, withscores=True)) == RICH.zsets[b"few"]
            assert database.get(PREFIX + b"string:" + bytes(range(256))) == b"a binary key"
            expiries = [database.pexpiretime(key) for key in database.scan_iter(PREFIX + b"*")]
            assert sum(expiry >= FAR for expiry in expiries) == len(expiries) // 2
