"""Values for a Redis server: generated ones, and a rich example that has everything."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st

from rehearsal.content.redis import RedisContent

_Value = TypeVar("_Value")
_BINARY = bytes(range(256))
_EDGES = (b"", b" ", b"0", b"-1", b"\0", b"\r\n", _BINARY, "ação 😀".encode(), b"\xc3\x28", b"*?[]\\")

RICH = RedisContent(
    strings={
        **{b"%d" % i: value for i, value in enumerate(_EDGES)},
        _BINARY: b"a binary key",
        b"number": b"9223372036854775807",
        b"long": b"0123456789abcdef" * 12_500,
    },
    lists={b"few": _EDGES, b"same": (b"a", b"a", b"b", b"a"), b"many": tuple(b"%d" % i for i in range(1100))},
    sets={
        b"few": frozenset(_EDGES),
        b"numbers": frozenset((b"1", b"2", b"-3")),
        b"many": frozenset(b"m%d" % i for i in range(1100)),
    },
    zsets={
        b"few": dict(
            zip(_EDGES, (0.0, -0.0, 0.1, 1e308, 5e-324, float("inf"), float("-inf"), 3, 3, 2**53), strict=True)
        ),
        b"many": {b"%d" % i: i / 7 for i in range(1100)},
    },
    hashes={
        b"few": dict(zip(_EDGES, reversed(_EDGES), strict=True)),
        b"many": {b"f%d" % i: b"%d" % (i * i) for i in range(1100)},
    },
    streams={
        b"few": ({b"a": b"1"}, {b"": _BINARY, b"b": b""}, {b"c": b"3"}),
        b"empty": (),
        b"many": tuple({b"n": b"%d" % i} for i in range(1100)),
    },
    sentinel="sentinel-of-the-rich-example",
)
"""Has everything that generated contents may have."""


def contents() -> st.SearchStrategy[RedisContent]:
    """Generate contents of any size up to some dozen keys."""
    word = st.sampled_from(_EDGES) | st.binary(max_size=30)

    def by_key(values: st.SearchStrategy[_Value]) -> st.SearchStrategy[dict[bytes, _Value]]:
        return st.dictionaries(word, values, max_size=3)

    return st.builds(
        RedisContent,
        strings=by_key(word | st.integers().map(b"%d".__mod__)),
        lists=by_key(st.lists(word, max_size=5).map(tuple)),
        sets=by_key(st.frozensets(word, max_size=5)),
        zsets=by_key(st.dictionaries(word, st.floats(allow_nan=False), max_size=5)),
        hashes=by_key(st.dictionaries(word, word, max_size=5)),
        streams=by_key(st.lists(st.dictionaries(word, word, max_size=3), max_size=4).map(tuple)),
        sentinel=st.uuids(version=4).map("sentinel-{}".format),
    )
