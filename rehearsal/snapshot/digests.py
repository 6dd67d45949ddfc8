"""Digests of what a key holds. keys.lua computes the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

SUM = 2**48
"""What sums of digests wrap around at."""


def sha1(data: bytes) -> bytes:
    """Return the SHA-1 in hexadecimal: the digest that Redis offers to scripts."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest().encode()


def chain(state: bytes, items: Iterable[bytes]) -> bytes:
    """Digest items whose order counts."""
    return sha1(state + b"".join(b"%d:%s" % (len(item), item) for item in items))


def places(digest: bytes) -> tuple[int, int]:
    """Return two numbers of 48 bits, which a script can add up exactly."""
    return int(digest[:12], 16), int(digest[12:24], 16)


def total(digests: Iterable[bytes]) -> bytes:
    """Digest items whose order does not count."""
    one = two = 0
    for digest in digests:
        first, second = places(digest)
        one, two = (one + first) % SUM, (two + second) % SUM
    return b"%d %d" % (one, two)
