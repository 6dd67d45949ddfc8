from __future__ import annotations

import pytest
import redis

from rehearsal.content import postgres as postgres_content
from rehearsal.content import queue as queue_content
from rehearsal.content import redis as redis_content
from rehearsal.content.postgres_values import RICH as ROWS
from rehearsal.content.redis_values import RICH as KEYS
from rehearsal.damage.stores import NothingToDamageError, damage_postgres, damage_redis
from rehearsal.snapshot import postgres as postgres_snapshot
from rehearsal.snapshot import redis as redis_snapshot
from tests.snapshot.servers import Postgres


@pytest.mark.parametrize("seed", range(4))
def test_damaged_database_is_seen_and_not_empty(postgres: Postgres, seed: int) -> None:
    """Damage of rows and of definitions both, whatever the seed hits, and most of the content is still there."""
    with postgres.connect(postgres.create("damaged")) as connection:
        postgres_content.plant(connection, ROWS)
        before = postgres_snapshot.take(connection)
        said = damage_postgres(connection, seed=seed)
        after = postgres_snapshot.take(connection)
    found = [difference.where for difference in postgres_snapshot.compare(before, after)]
    for words, where in {
        "deleted ": "rows of ",
        "altered ": "rows of ",
        "turned sequence": "sequence position",
        "dropped constraint": "constraint ",
        "dropped table": "table ",
    }.items():
        assert words in said
        assert any(one.startswith(where) for one in found), (words, found)
    assert sum(rows.count for rows in after.rows.values()) > sum(rows.count for rows in before.rows.values()) / 3


def test_damage_can_be_repeated(postgres: Postgres) -> None:
    """The same seed does the same to the same content."""
    said = []
    for _ in range(2):
        with postgres.connect(postgres.create("damaged")) as connection:
            postgres_content.plant(connection, ROWS)
            said.append(damage_postgres(connection, seed=3))
    assert said[0] == said[1]


def test_database_without_rows_is_refused(postgres: Postgres) -> None:
    """A drill on nothing would prove nothing."""
    with postgres.connect(postgres.create("nothing")) as connection:
        connection.execute("CREATE TABLE lonely ()")
        with pytest.raises(NothingToDamageError, match="nothing"):
            damage_postgres(connection)


def test_only_table_is_kept(postgres: Postgres) -> None:
    """A database of one table loses rows, and not the table."""
    with postgres.connect(postgres.create("single")) as connection:
        connection.execute("CREATE TABLE lonely AS SELECT n FROM generate_series(1, 30) n")
        assert damage_postgres(connection) == "deleted 10 of the rows of public.lonely"


@pytest.mark.parametrize("seed", range(4))
def test_damaged_redis_is_seen_and_not_empty(client: redis.Redis, seed: int) -> None:
    """Keys are lost, altered, foreign and without their expiry, in both databases; the token stays."""
    redis_content.plant(client, KEYS)
    queue_content.plant(client, queue_content.RICH)
    client.set("rehearsal:token", "token")
    before = redis_snapshot.take(client)
    said = damage_redis(client, seed=seed)
    after = redis_snapshot.take(client)
    found = redis_snapshot.compare(before, after)
    for words in ("keys deleted", "keys altered", "foreign keys added: 2", "keys stripped of their expiry"):
        assert words in said
    assert any(one.observed == "absent" for one in found)
    assert any(one.expected == "absent" for one in found)
    assert any("expires" in one.expected and one.observed != "absent" for one in found)
    assert after.databases[0].count > before.databases[0].count / 3
    assert after.databases[1].count > before.databases[1].count / 3
    assert client.get("rehearsal:token") == b"token"


def test_every_type_can_be_altered(client: redis.Redis) -> None:
    """Whatever the seed hits is altered and not skipped."""
    redis_content.plant(client, KEYS)
    before = redis_snapshot.take(client)
    for seed in range(12):
        damage_redis(client, seed=seed)
        redis_content.plant(client, KEYS)
    assert redis_snapshot.take(client).databases[0].count == before.databases[0].count + 1


def test_redis_with_only_the_token_is_refused(client: redis.Redis) -> None:
    """A drill on nothing would prove nothing."""
    client.set("rehearsal:token", "token")
    with pytest.raises(NothingToDamageError, match="Redis"):
        damage_redis(client)
    assert client.keys() == [b"rehearsal:token"]


def test_left_out_keys_are_left_alone(client: redis.Redis) -> None:
    """What a running service would go on changing is not touched; all else is damaged as ever."""
    redis_content.plant(client, KEYS)
    client.hset("bull:live:meta", "paused", "1")
    client.zadd("bull:live:completed", {"job": 1})
    before = redis_snapshot.take(client)
    for seed in range(4):
        redis_content.plant(client, KEYS)
        damage_redis(client, seed=seed, leave_out=("bull:live:*",))
    found = redis_snapshot.compare(before, redis_snapshot.take(client))
    assert found
    assert [one for one in found if "bull:live" in one.where] == []
    assert (client.hgetall("bull:live:meta"), client.zrange("bull:live:completed", 0, -1)) == (
        {b"paused": b"1"},
        [b"job"],
    )
