"""The protocol of Redis, version 2, and replies as redis-cli prints them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO, TypeAlias

    Reply: TypeAlias = "bytes | int | ReplyError | list[Reply] | None"

_ESCAPES = {ord("\\"): b"\\\\", ord('"'): b'\\"', 10: b"\\n", 13: b"\\r", 9: b"\\t", 7: b"\\a", 8: b"\\b"}


class ReplyError(Exception):
    """An error that the server answered, in its own words."""


class Status(bytes):
    """A reply like `OK`, which is no string of data."""


def pack(words: Sequence[bytes]) -> bytes:
    """Return a command as the server reads it."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def read(source: BinaryIO) -> Reply:
    """Read one reply. Raises EOFError when the server has gone."""
    line = source.readline()
    if not line.endswith(b"\r\n"):
        raise EOFError
    kind, rest = line[:1], line[1:-2]
    if kind == b"+":
        return Status(rest)
    if kind == b"-":
        return ReplyError(rest.decode(errors="replace"))
    if kind == b":":
        return int(rest)
    count = int(rest)
    if count < 0:
        return None
    if kind == b"*":
        return [read(source) for _ in range(count)]
    data = source.read(count + 2)
    if len(data) < count + 2:
        raise EOFError
    return data[:-2]


def raw(reply: Reply) -> bytes:
    """Return a reply as it is printed where no person reads it."""
    if isinstance(reply, list):
        return b"\n".join(raw(one) for one in reply)
    if isinstance(reply, ReplyError):
        # With the line break that follows every reply this makes an empty line, as the real one prints.
        return f"{reply}\n".encode()
    if isinstance(reply, int):
        return b"%d" % reply
    return reply or b""


def pretty(reply: Reply, indent: str = "") -> bytes:  # noqa: PLR0911 - one for each type
    """Return a reply as it is printed for a person."""
    if reply is None:
        return b"(nil)\n"
    if isinstance(reply, ReplyError):
        return f"(error) {reply}\n".encode()
    if isinstance(reply, int):
        return b"(integer) %d\n" % reply
    if isinstance(reply, Status):
        return bytes(reply) + b"\n"
    if isinstance(reply, bytes):
        return _quoted(reply) + b"\n"
    if not reply:
        return b"(empty array)\n"
    width = len(str(len(reply)))
    deeper = indent + " " * (width + 2)
    lines = [f"{number:>{width}}) ".encode() + pretty(one, deeper) for number, one in enumerate(reply, 1)]
    return lines[0] + b"".join(indent.encode() + line for line in lines[1:])


def _quoted(data: bytes) -> bytes:
    shown = (
        _ESCAPES.get(byte) or (bytes([byte]) if 32 <= byte < 127 else b"\\x%02x" % byte)  # noqa: PLR2004 - printable
        for byte in data
    )
    return b'"' + b"".join(shown) + b'"'
