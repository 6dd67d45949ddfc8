"""However its keys travel, by script or by plain commands, a snapshot of Redis is the same."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest
import redis

from rehearsal.content.redis import FAR
from rehearsal.snapshot import plain
from rehearsal.snapshot.redis import RedisSnapshot, compare, take


@pytest.mark.parametrize("size", [1, 39, 40, 255, 256, 257, 65_535, 65_536, 65_537, 131_072])
def test_string_of_any_length_is_read_alike(client: redis.Redis, size: int) -> None:
    """However a value travels, the script and the plain commands see the same, and its last byte counts."""
    client.set("k", "x" * size)
    before = take(client)
    plainly = {0: plain.read(client, 0, ())}
    assert compare(before, RedisSnapshot(plainly, before.functions, before.taken)) == ()
    client.setrange("k", size - 1, "y")
    (found,) = compare(before, take(client))
    assert (found.where, found.expected) == ("key k", f"string of {size:,} bytes")
    assert found.observed == found.expected + ", with another value"


def test_digest_in_place_of_its_value_shows(client: redis.Redis) -> None:
    """A long value travels as its SHA-1; that text itself is another value."""
    value = "x" * 1000
    client.set("k", value)
    before = take(client)
    client.set("k", hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest())
    assert [one.observed for one in compare(before, take(client))] == ["string of 40 bytes"]


def test_many_long_strings_do_not_block_the_server(client: redis.Redis) -> None:
    """What one call digests is limited in bytes; the keys beyond are read one by one, and none is left out."""
    for number in range(200):
        client.set(f"long:{number}", f"{number}" + "x" * 60_000)
    script = client.register_script((files("rehearsal.snapshot") / "keys.lua").read_text("utf-8"))
    _, large, *_ = script(args=[0, 0, b"\0separator", "scan", 0, 1000])
    assert len(large) > 150
    before = take(client)
    assert before.databases[0].count == 200
    client.setrange("long:199", 60_000, "?")
    client.setrange("long:3", 60_000, "?")
    assert {one.where for one in compare(before, take(client))} == {"key long:199", "key long:3"}


def test_strings_among_other_keys_are_read_alike(client: redis.Redis) -> None:
    """Whatever key stands before it in the server's order, a string is read alike by script and by plain commands."""
    for number in range(500):
        client.set(f"string:{number}", "x" * number)
        client.rpush(f"list:{number}", number)
    before = take(client)
    plainly = {0: plain.read(client, 0, ())}
    assert compare(before, RedisSnapshot(plainly, before.functions, before.taken)) == ()
    assert before.databases[0].count == 1000


def test_first_expiry_of_a_database_shows_alone(client: redis.Redis) -> None:
    """Keys without expiry are read alike beside one that has one and where there is none."""
    client.mset({f"key:{i}": i for i in range(50)})
    before = take(client)
    client.pexpireat("key:7", FAR)
    (found,) = compare(before, take(client))
    assert (found.where, "expires" in found.observed, "expires" in found.expected) == ("key key:7", True, False)
