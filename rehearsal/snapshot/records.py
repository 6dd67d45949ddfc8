"""A record for each key of a Redis database, kept on disk: the process stays small whatever the size of the data."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from os import SEEK_END
from typing import IO

from rehearsal.snapshot.digests import SUM

KINDS = ("module value", "string", "list", "set", "zset", "hash", "stream")
"""What a record's code stands for."""

_HEAD = struct.Struct(">IBddd40s")
"""Length of the key, kind, expiry, earliest expiry of a field, size, digest; keys.lua packs the same."""
_IN_MEMORY = 1 << 22
_BLOCK = 1 << 16
BUCKETS = 64


@dataclass(frozen=True, slots=True)
class Record:
    """One key."""

    key: bytes
    kind: int
    """Index of `KINDS`."""
    expires: int
    """Milliseconds since the epoch; -1 for never."""
    field_expires: int
    """The earliest of its fields; -1 for never."""
    size: int
    """Bytes of a string, elements of everything else."""
    digest: bytes
    """Of key, kind and logical value."""

    def pack(self) -> bytes:
        """Return the form in which it is kept."""
        head = _HEAD.pack(len(self.key), self.kind, self.expires, self.field_expires, self.size, self.digest)
        return head + self.key


class Bucket:
    """The records of those keys of a database that fall into one bucket, in no order.

    A key may stand in it twice: SCAN may answer it twice.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._extents: list[tuple[int, int]] = []
        self._buffer = bytearray()
        self.count = 0
        self._sums = (0, 0)

    def add(self, packed: bytes, count: int, sums: tuple[int, int]) -> None:
        """Append packed records, and add up what their digests sum to."""
        self._buffer += packed
        self.count += count
        self._sums = ((self._sums[0] + sums[0]) % SUM, (self._sums[1] + sums[1]) % SUM)
        if len(self._buffer) >= _BLOCK:
            self.flush()

    def flush(self) -> None:
        """Write out what has been added."""
        if self._buffer:
            self._extents.append((self._file.seek(0, SEEK_END), len(self._buffer)))
            self._file.write(self._buffer)
            self._buffer = bytearray()

    def equals(self, other: Bucket) -> bool:
        """Tell whether both hold the same for certain; False says nothing (a key may stand twice in one of them)."""
        return (self.count, self._sums) == (other.count, other._sums)

    def __iter__(self) -> Iterator[Record]:
        for start, length in self._extents:
            self._file.seek(start)
            packed = self._file.read(length)
            at = 0
            while at < length:
                size, kind, expires, field_expires, elements, digest = _HEAD.unpack_from(packed, at)
                at += _HEAD.size + size
                yield Record(packed[at - size : at], kind, int(expires), int(field_expires), int(elements), digest)


class Records:
    """The records of one database, in an anonymous temporary file once they are many."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  closed by `close`
        self.buckets = tuple(Bucket(self._file) for _ in range(BUCKETS))

    def flush(self) -> None:
        """Write out what has been added to the buckets, once all of it has."""
        for bucket in self.buckets:
            bucket.flush()

    @property
    def count(self) -> int:
        """Number of keys."""
        return sum(bucket.count for bucket in self.buckets)

    def __iter__(self) -> Iterator[Record]:
        for bucket in self.buckets:
            yield from bucket

    def close(self) -> None:
        """Give the file back. May be called twice."""
        self._file.close()


def bucket_of(key: bytes) -> int:
    """Return the number of the bucket that a key falls into: the same in keys.lua."""
    one = key[-2:][0] if key else 0
    two = key[-1] if len(key) > 1 else 0
    middle = key[len(key) // 2] if key else 0
    return (one + 7 * two + 31 * middle) % BUCKETS
