"""An RDB file as far as it tells about itself before its keys begin. No key is read."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

_MAGIC = re.compile(rb"(REDIS|VALKEY)([0-9]+)")
_HEADER = 9
_AUX, _RESIZE, _SELECT, _FUNCTION = 0xFA, 0xFB, 0xFE, 0xF5
_EIGHT_BYTES = 0x81
_PACKED = 0xC3
_NUMBERS = {0xC0: 1, 0xC1: 2, 0xC2: 4}


class RdbError(Exception):
    """A file that is no RDB, or not a whole one: what was expected and found."""


@dataclass(frozen=True, slots=True)
class RdbHead:
    """What stands before the first key."""

    maker: str
    """`REDIS` or `VALKEY`."""
    version: int
    """Of the format."""
    server: str
    """Version of the server that wrote it; empty where it does not say."""
    keys: int
    """Keys of the first database that has any."""
    expires: int
    """How many of them have a time to live: those may be gone when it is read again."""


def is_rdb(data: bytes) -> bool:
    """Tell whether something begins as an RDB does."""
    return _MAGIC.match(data) is not None


def read_head(data: bytes, end: bytes) -> RdbHead:
    """Read the beginning of an RDB; `end` is its last 9 bytes. Raises RdbError."""
    magic = _MAGIC.fullmatch(data[:_HEADER])
    if not magic:
        msg = f"expected an RDB, which begins with REDIS or VALKEY, found {data[:_HEADER]!r}"
        raise RdbError(msg)
    if end[:1] != b"\xff" or end[1:] == bytes(8):
        raise RdbError(
            "expected an RDB with its end and a checksum, found neither: it breaks off, or rdbchecksum is off"
        )
    try:
        about, sizes = _opcodes(data)
    except (IndexError, struct.error):
        raise RdbError("expected an RDB that tells how many keys it holds, found that it breaks off before") from None
    keys, expires = sizes
    return RdbHead(
        magic[1].decode(), int(magic[2]), about.get("redis-ver") or about.get("valkey-ver", ""), keys, expires
    )


def _opcodes(data: bytes) -> tuple[dict[str, str], tuple[int, int]]:
    at, about = _HEADER, dict[str, str]()
    while True:
        code, at = data[at], at + 1
        if code == _AUX:
            name, at = _text(data, at)
            value, at = _text(data, at)
            about[name] = value
        elif code == _FUNCTION:
            _, at = _text(data, at)
        elif code == _SELECT:
            _, at = _number(data, at)
        elif code == _RESIZE:
            keys, at = _number(data, at)
            expires, at = _number(data, at)
            return about, (keys, expires)
        else:
            return about, (0, 0)  # its end: an empty store


def _number(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first < 0x40:  # noqa: PLR2004  the format's two upper bits
        return first, at + 1
    if first < 0x80:  # noqa: PLR2004
        return (first & 0x3F) << 8 | data[at + 1], at + 2
    kind, size = (">Q", 8) if first == _EIGHT_BYTES else (">I", 4)
    return struct.unpack(kind, data[at + 1 : at + 1 + size])[0], at + 1 + size


def _text(data: bytes, at: int) -> tuple[str, int]:
    size = _NUMBERS.get(data[at])
    if size:
        return str(int.from_bytes(data[at + 1 : at + 1 + size], "little", signed=True)), at + 1 + size
    if data[at] == _PACKED:
        length, at = _number(data, at + 1)
        _, at = _number(data, at)
        return "", at + length  # code of a function, which nobody asks for
    length, at = _number(data, at)
    if at + length > len(data):
        raise IndexError(length)
    return data[at : at + length].decode("utf-8", "replace"), at + length
