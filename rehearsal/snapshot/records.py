"""A record for each key of a Redis database, kept on disk: the process stays small whatever the size of the data."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterable, Iterator
from itertools import repeat
from os import SEEK_END
from typing import IO, NamedTuple

from rehearsal.snapshot.digests import sha1

KINDS = ("module value", "string", "list", "set", "zset", "hash", "stream")
"""What a record's code stands for."""

_HEAD = struct.Struct("=IBqqqq")
"""Length of the key, kind, expiry, earliest expiry of a field, size, digest."""
_CODES = {kind.encode(): code for code, kind in enumerate(KINDS)}
_SHORT = 256
"""A longer value is digested by SHA-1 first, as keys.lua does: it does not travel."""
_IN_MEMORY = 1 << 22
_BLOCK = 1 << 13
BUCKETS = 1024
"""Many: where a few keys differ, only theirs are read again, both as they were and as they are."""


class Record(NamedTuple):
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
    digest: int
    """Of the logical value; this process alone makes the same of the same."""


Row = tuple[bytes, int, int, int, int, int]
"""A record that is a plain tuple: quicker to make."""


class Bucket:
    """The records of those keys of a database that fall into one bucket, in no order.

    A key may stand in it twice: SCAN may answer it twice.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._extents: list[tuple[int, int]] = []
        self.buffer = bytearray()
        self.count = 0
        self.sum = 0
        """Of the records' hashes."""

    def flush(self) -> None:
        """Write out what has been added."""
        if self.buffer:
            self._extents.append((self._file.seek(0, SEEK_END), len(self.buffer)))
            self._file.write(self.buffer)
            self.buffer = bytearray()

    def equals(self, other: Bucket) -> bool:
        """Tell whether both hold the same for certain; False says nothing (a key may stand twice in one of them)."""
        return (self.count, self.sum) == (other.count, other.sum)

    def __iter__(self) -> Iterator[Record]:
        for start, length in self._extents:
            self._file.seek(start)
            packed = self._file.read(length)
            at = 0
            while at < length:
                size, kind, expires, field_expires, elements, digest = _HEAD.unpack_from(packed, at)
                at += _HEAD.size + size
                yield Record(packed[at - size : at], kind, expires, field_expires, elements, digest)


class Records:
    """The records of one database, in an anonymous temporary file once they are many."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  closed by `close`
        self.buckets = tuple(Bucket(self._file) for _ in range(BUCKETS))

    def extend(self, records: Iterable[Row]) -> None:
        """Add records. A million go through here: nothing is called or kept for each that could be done without."""
        buckets, pack = self.buckets, _HEAD.pack
        for key, kind, expires, field_expires, size, digest in records:
            bucket = buckets[hash(key) % BUCKETS]
            packed = pack(len(key), kind, expires, field_expires, size, digest) + key
            bucket.buffer += packed
            bucket.count += 1
            bucket.sum += hash(packed)
            if len(bucket.buffer) >= _BLOCK:
                bucket.flush()

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


def record(key: bytes, kind: bytes, state: bytes, expires: int, size: int, field_expires: int) -> Record:
    """Return the record of a key of any type; `state` is its logical value as keys.lua and plain_values.py read it."""
    code = _CODES.get(kind, 0)
    if len(state) >= _SHORT:
        state = sha1(state)
    return Record(key, code, expires, field_expires, size, hash(state if code else kind + b":" + state))


def strings(keys: list[bytes], values: list[bytes], expires: Iterable[int] | None) -> Iterator[Row]:
    """Return the records of strings that are shorter than 256 bytes, without a call for each."""
    kinds, never = repeat(_CODES[b"string"], len(keys)), repeat(-1, len(keys))
    return zip(
        keys,
        kinds,
        repeat(-1, len(keys)) if expires is None else expires,
        never,
        map(len, values),
        map(hash, values),
        strict=True,
    )
