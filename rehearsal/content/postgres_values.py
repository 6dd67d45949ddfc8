"""Values for a PostgreSQL database: generated ones, and a rich example that has everything."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TypeVar

from hypothesis import strategies as st

from rehearsal.content.postgres import PostgresContent, Sequence

_Value = TypeVar("_Value")

RICH = PostgresContent(
    texts=(
        "",
        " ",
        "plain",
        "null",
        "NULL",
        "\\N",
        "a\tb\nc\r\nd",
        "'\"\\\"'",
        "\\.",
        "$$ $1 %s {} ;--",
        "e\u0301 ≠ é",
        "\u202e\u0645\u0631\u062d\u0628\u0627\u202c",
        "😀\U0001f469\u200d\U0001f467",
        "\U0010ffff",
        "\x01\x1f\x7f\x85\ufeff",
        "Ã©",
        "x" * 20_000,
    ),
    documents=(
        None,
        "null",
        "{}",
        "[]",
        '"\\u00e9\\n"',
        '{"a": {"b": [1, 2.50, -0, 1e400, null, true]}, "": ""}',
        '{"k": "\\ud83d\\ude00"}',
        '[[[[[["x"]]]]]]',
        '{"z": 1, "aa": 2}',
    ),
    lists=(None, (), (None,), ("",), ("null", "NULL", "a,b", "{c}", 'd"e', "f\\g", " "), ("é", "😀", "\n")),
    matrices=((), ((1, None), (-2147483648, 2147483647))),
    blobs=(None, b"", b"\0", bytes(range(256)), b"\\x00", b"\xff" * 10_000),
    numbers=(
        None,
        "0",
        "-0.00",
        "0.10",
        "0.1000",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e-1000",
        "1e5000",
        "-" + "9" * 200 + "." + "1" * 200,
    ),
    # No -0: pg_dump --inserts writes it as an integer, and 0 comes back, which is equal to it.
    floats=(None, 0.0, 0.1, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan")),
    moments=(
        None,
        "infinity",
        "-infinity",
        "4714-11-24 00:00:00 BC",
        "0001-12-31 23:59:59.999999 BC",
        "1970-01-01 00:00:00+00",
        "2024-02-29 23:59:59.999999-12:34:56",
        "294276-12-31 23:59:59.999999+00",
    ),
    spans=(None, "0", "1 year -2 mons 3 days -04:05:06.789012", "-178000000 years", "00:00:00.000001"),
    labels=("calm", "É 'so' \"\\", "", "last one"),
    sequence=Sequence(start=5, increment=-3, used=4),
    sentinel="sentinel-of-the-rich-example",
)
"""Has everything that generated contents may have."""


def contents() -> st.SearchStrategy[PostgresContent]:
    """Generate contents of any size up to some hundred rows."""
    text = _text()
    matrix = st.integers(0, 3).flatmap(
        lambda width: st.lists(
            st.tuples(*[_null(st.integers(-(2**31), 2**31 - 1))] * width), max_size=3 if width else 0
        )
    )
    return st.builds(
        PostgresContent,
        texts=_some(text),
        documents=_some(_json()),
        lists=_some(st.lists(_null(text), max_size=4).map(tuple)),
        matrices=st.lists(matrix.map(tuple), max_size=3).map(tuple),
        blobs=_some(st.binary(max_size=60)),
        numbers=_some(st.decimals(allow_nan=False).map(str) | st.just("NaN")),
        floats=_some(st.floats().map(lambda one: one + 0.0)),  # -0 + 0 is 0
        moments=_some(st.sampled_from(_edges(RICH.moments)) | st.datetimes().map(lambda at: f"{at.isoformat()}+00")),
        spans=_some(st.sampled_from(_edges(RICH.spans)) | st.timedeltas().map(_span)),
        labels=st.lists(_text(15), min_size=1, max_size=5, unique=True).map(tuple),
        sequence=st.builds(
            Sequence,
            start=st.integers(-(2**40), 2**40),
            increment=st.integers(-(2**20), 2**20).filter(bool),
            used=st.integers(0, 20),
        ),
        sentinel=st.uuids(version=4).map("sentinel-{}".format),
    )


def _null(values: st.SearchStrategy[_Value]) -> st.SearchStrategy[_Value | None]:
    return st.none() | values


def _some(values: st.SearchStrategy[_Value]) -> st.SearchStrategy[tuple[_Value | None, ...]]:
    return st.lists(_null(values), max_size=8).map(tuple)


def _edges(values: tuple[str | None, ...]) -> list[str]:
    return [value for value in values if value]


def _span(span: timedelta) -> str:
    return f"{span.days} days {span.seconds} seconds {span.microseconds} microseconds"


def _text(size: int = 40) -> st.SearchStrategy[str]:
    """Any text that PostgreSQL takes: all of Unicode but NUL and lone surrogates."""
    return st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=size)


def _json() -> st.SearchStrategy[str]:
    numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    value = st.recursive(
        st.none() | st.booleans() | numbers | _text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text(), inner, max_size=3),
        max_leaves=6,
    )
    return value.map(lambda found: json.dumps(found, ensure_ascii=False))
