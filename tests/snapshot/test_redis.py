from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from rehearsal.content.queue import RICH as JOBS
from rehearsal.content.queue import plant as plant_jobs
from rehearsal.content.redis import FAR, PREFIX, plant
from rehearsal.content.redis_values import RICH
from rehearsal.snapshot import SnapshotError, databases, plain
from rehearsal.snapshot.records import KINDS, Records
from rehearsal.snapshot.redis import compare, take
from tests.snapshot.servers import Redis

P = PREFIX.decode()
ANY = "x"
"""A user that needs no password takes any."""


def _set_last_id(client: redis.Redis) -> None:
    client.eval("return redis.call('XSETID', KEYS[1], '9999999999999-0')", 1, f"{P}stream:few")


def _in_database_1(client: redis.Redis) -> None:
    with databases.at(client, 1) as other:
        other.set(f"{P}string:number", "1")


SABOTAGES: dict[str, tuple[Callable[[redis.Redis], object], str]] = {
    "string": (lambda c: c.append(f"{P}string:number", "0"), "string:number"),
    "string of the same length": (lambda c: c.setrange(f"{P}string:number", 0, "8"), "string:number"),
    "end of a long string": (lambda c: c.setrange(f"{P}string:long", 199_999, "?"), "string:long"),
    "type": (lambda c: (c.delete(f"{P}string:number"), c.rpush(f"{P}string:number", "x")), "string:number"),
    "empty string lost": (lambda c: c.delete(f"{P}string:0"), "string:0"),
    "binary key lost": (lambda c: c.delete(PREFIX + b"string:" + bytes(range(256))), r"string:\x00\x01"),
    "list order": (lambda c: c.lmove(f"{P}list:same", f"{P}list:same", "LEFT", "RIGHT"), "list:same"),
    "list element": (lambda c: c.lset(f"{P}list:many", 1099, "x"), "list:many"),
    "list element doubled": (lambda c: c.rpush(f"{P}list:same", "a"), "list:same"),
    "set member": (lambda c: c.srem(f"{P}set:few", b""), "set:few"),
    "member of a large set": (lambda c: c.smove(f"{P}set:many", f"{P}set:x", "m7"), "set:many"),
    "zset score": (lambda c: c.zincrby(f"{P}zset:many", 1, "1099"), "zset:many"),
    "zset score by a hair": (lambda c: c.zadd(f"{P}zset:few", {b" ": 5e-324}), "zset:few"),
    "zset member": (lambda c: c.zrem(f"{P}zset:few", b"\0"), "zset:few"),
    "hash value": (lambda c: c.hset(f"{P}hash:many", "f1099", "x"), "hash:many"),
    "hash fields swapped": (lambda c: c.hset(f"{P}hash:many", mapping={"f1": "4", "f2": "1"}), "hash:many"),
    "hash field lives for ever": (lambda c: c.hpersist(f"{P}hash:few", b""), "hash:few"),
    "hash field expires": (lambda c: c.hpexpireat(f"{P}hash:few", FAR, b" "), "hash:few"),
    "stream entry lost": (lambda c: c.xtrim(f"{P}stream:many", maxlen=1099, approximate=False), "stream:many"),
    "stream counter": (_set_last_id, "stream:few"),
    "stream group lost": (lambda c: c.xgroup_destroy(f"{P}stream:few", "readers"), "stream:few"),
    "stream group position": (lambda c: c.xgroup_setid(f"{P}stream:few", "readers", "0"), "stream:few"),
    "stream consumer lost": (lambda c: c.xgroup_delconsumer(f"{P}stream:few", "readers", "reader"), "stream:few"),
    "pending entry acknowledged": (
        lambda c: c.xack(f"{P}stream:few", "readers", _pending(c)),
        "stream:few",
    ),
    "pending entry of another": (
        lambda c: c.xclaim(f"{P}stream:few", "readers", "idle", 0, [_pending(c)]),
        "stream:few",
    ),
    "expiry lost": (lambda c: c.persist(f"{P}string:0"), "string:0"),
    "expiry moved by a millisecond": (lambda c: c.pexpireat(f"{P}string:0", FAR + 12345), "string:0"),
    "expiry added": (lambda c: c.pexpireat(f"{P}string:1", FAR), "string:1"),
    "extra key": (lambda c: c.set("extra", ""), "extra"),
    "other database": (_in_database_1, "string:number of database 1"),
    "key in another database": (lambda c: c.move(f"{P}list:same", 7), "list:same of database 7"),
    "all of it": (lambda c: c.flushall(), P),
    "job lost": (lambda c: c.delete("bull:rehearsal-drill:8"), "bull:rehearsal-drill:8"),
    "job's order": (lambda c: c.zadd("bull:rehearsal-drill:prioritized", {"8": 1}), "bull:rehearsal-drill:prioritized"),
    "function lost": (lambda c: c.function_flush(), "rehearsal_content"),
}


def _pending(client: redis.Redis) -> bytes:
    (entry,) = client.xpending_range(f"{P}stream:few", "readers", "-", "+", 1)
    found = entry["message_id"]
    assert isinstance(found, bytes)
    return found


@pytest.fixture
def filled(client: redis.Redis) -> redis.Redis:
    """Return a client of a server that holds every type."""
    plant(client, RICH)
    plant_jobs(client, JOBS)
    return client


@pytest.mark.parametrize(("sabotage", "name"), SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotage_is_named(filled: redis.Redis, sabotage: Callable[[redis.Redis], object], name: str) -> None:
    """Each change of what a server holds is told with the key."""
    before = take(filled)
    sabotage(filled)
    found = compare(before, take(filled))
    assert any(name in difference.where for difference in found), found
    assert all(difference.expected != difference.observed for difference in found)


def test_nothing_changed_is_no_difference(filled: redis.Redis) -> None:
    """Two snapshots of the same content are equal, and both hold it all."""
    before, after = take(filled), take(filled)
    assert before.databases[0].count > 40
    assert before.databases[1].count > 20
    assert {KINDS[record.kind] for record in before.databases[0]} == set(KINDS) - {"module value"}
    assert compare(before, after) == ()


def test_encoding_does_not_matter(client: redis.Redis) -> None:
    """The same values in another internal form are the same values."""
    client.sadd("s", *range(5))
    client.zadd("z", {"a": 1, "b": 2.5})
    client.hset("h", mapping={"a": "1", "b": "2"})
    client.rpush("l", "a", "b")
    client.set("n", 12)
    before = take(client)
    compact = {name: client.object("ENCODING", name) for name in "szhln"}
    client.sadd("s", "x" * 100)
    client.srem("s", "x" * 100)
    client.zadd("z", {"x" * 100: 1})
    client.zrem("z", "x" * 100)
    client.hset("h", "x", "x" * 1000)
    client.hdel("h", "x")
    client.set("n", "1")
    client.append("n", "2")
    changed = {name for name in "szhln" if client.object("ENCODING", name) != compact[name]}
    assert changed >= set("szhn")
    assert compare(before, take(client)) == ()


@pytest.mark.parametrize("way", ["rdb", "aof", "rewritten aof"])
def test_restart_shows_no_difference(redis_server: Redis, way: str) -> None:
    """What a server brings back from its files is not called different."""
    settings = [] if way == "rdb" else ["--appendonly", "yes"]
    with redis_server.run(*settings) as client:
        plant(client, RICH)
        plant_jobs(client, JOBS)
        before = take(client)
        if way == "rdb":
            client.save()
        if way == "rewritten aof":
            client.bgrewriteaof()
            _wait(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
    with redis_server.run(*settings) as client:
        after = take(client)
    assert after.databases[0].count > 40
    assert compare(before, after) == ()


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_plain_commands_see_the_same(filled: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server allows no scripts, the snapshot is the same as by script."""
    by_script = take(filled)
    filled.acl_setuser("unscripted", enabled=True, nopass=True, categories=["+@all", "-@scripting"], keys=["*"])
    asked: list[int] = []
    read = plain.read

    def counted(client: redis.Redis, database: int, leave_out: tuple[bytes, ...]) -> Records:
        asked.append(database)
        return read(client, database, leave_out)

    monkeypatch.setattr(plain, "read", counted)
    known = filled.connection_pool.connection_kwargs
    with redis.Redis(unix_socket_path=known["path"], username="unscripted", password=ANY) as client:
        by_commands = take(client)
    assert asked == [0, 1]
    assert by_commands.functions is None
    assert compare(by_script, by_commands) == ()
    assert [len(list(bucket)) for bucket in by_script.databases[0].buckets] == [
        len(list(bucket)) for bucket in by_commands.databases[0].buckets
    ]


def test_missing_permission_is_an_error(filled: redis.Redis) -> None:
    """A server that may not be read whole makes no snapshot."""
    filled.acl_setuser("blind", enabled=True, nopass=True, commands=["+info", "+time", "+ping"], keys=["*"])
    known = filled.connection_pool.connection_kwargs
    with (
        redis.Redis(unix_socket_path=known["path"], username="blind", password=ANY) as client,
        pytest.raises(SnapshotError, match="permission"),
    ):
        take(client)


def test_unreachable_server_is_an_error() -> None:
    """A server that does not answer makes no snapshot."""
    with (
        redis.Redis(unix_socket_path="/nowhere/s", retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(SnapshotError, match="Redis"),
    ):
        take(client)


def test_expired_key_is_no_difference(client: redis.Redis) -> None:
    """A key whose time has come is gone in order; one that lost its expiry is not."""
    soon = 3000  # milliseconds: on a busy machine, too, they are there when the first snapshot is taken
    client.set("short", "x", px=soon)
    client.hset("fields", mapping={"short": "x", "long": "x"})
    client.hpexpire("fields", soon, "short")
    client.set("forgotten", "x", px=soon)
    before = take(client)
    client.persist("forgotten")
    _wait(lambda: not client.exists("short") and not client.hexists("fields", "short"))
    assert [difference.where for difference in compare(before, take(client))] == ["key forgotten"]


def test_token_and_locks_are_no_part(client: redis.Redis) -> None:
    """What a replica and a queue's workers set anew does not show; a lock for ever does."""
    before = take(client)
    client.set("rehearsal:token", "x")
    client.set("bull:q:stalled-check", "1", px=60_000)
    client.set("bull:q:7:lock", "t", px=60_000)
    assert compare(before, take(client)) == ()
    client.persist("bull:q:7:lock")
    assert [difference.where for difference in compare(before, take(client))] == ["key bull:q:7:lock"]


def test_keys_left_out_do_not_show(client: redis.Redis) -> None:
    """A caller leaves out what something writes all the time."""
    client.set("bull:live:1", "x")
    client.set("kept", "x")
    before = take(client)
    client.delete("bull:live:1", "kept")
    assert [one.where for one in compare(before, take(client), leave_out=["bull:live:*"])] == ["key kept"]


def test_many_differences_are_counted(client: redis.Redis) -> None:
    """Twenty keys of a kind are named, the others counted."""
    client.mset({f"key:{i}": i for i in range(1000)})
    before = take(client)
    client.delete(*(f"key:{i}" for i in range(0, 1000, 2)))
    found = compare(before, take(client))
    assert len(found) == 21
    assert all(re.fullmatch(r"key key:\d+", one.where) for one in found[:20])
    assert found[-1].observed == "500 keys lost, 480 of them not named here"


def test_many_keys_take_little_memory_and_leave_no_file(redis_server: Redis) -> None:
    """Records of many keys go to a temporary file without a name, and a change among them is still found."""
    with redis_server.run() as client:
        client.eval("for i = 1, 100000 do redis.call('SET', 'key:' .. i, i) end", 0)
        before = take(client)
        client.set("key:77777", "x")
        found = compare(before, take(client))
    assert [(one.where, one.expected, one.observed) for one in found] == [
        ("key key:77777", "string of 5 bytes", "string of 1 bytes")
    ]
    assert before.databases[0].count == 100_000
    before.close()
    before.close()


def test_emptied_server_is_told_by_names_and_count(client: redis.Redis) -> None:
    """A total loss is told without a word on what is left."""
    client.mset({f"key:{i}": i for i in range(30)})
    before = take(client)
    client.flushall()
    found = compare(before, take(client))
    assert len(found) == 21
    assert {one.observed for one in found[:20]} == {"absent"}
    assert found[-1].observed == "30 keys lost, 10 of them not named here"
