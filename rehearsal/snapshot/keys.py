"""What became of a key between two snapshots, and how to say it."""

from __future__ import annotations

from datetime import UTC, datetime

from rehearsal.snapshot.difference import Difference, clip
from rehearsal.snapshot.records import KINDS, Record

_TRANSIENT = (b":stalled-check", b":lock")
"""Keys with an expiry that the workers of a queue set anew every few seconds."""


def judge(one: Record | None, two: Record | None, now: float) -> str:
    """Say what became of a key: `lost`, `new`, `changed`, or nothing."""
    either = one or two
    if either is None or (either.key.endswith(_TRANSIENT) and either.expires >= 0):
        return ""
    if one is None:
        return "new"
    if two is None:
        return "" if 0 <= one.expires <= now or 0 <= one.field_expires <= now else "lost"
    if one.kind == two.kind and one.expires == two.expires and 0 <= one.field_expires <= now:
        return ""
    return "" if one == two else "changed"


def name(one: Record | None, two: Record | None) -> bytes:
    """Return the key that the two records are of."""
    either = one or two
    return either.key if either else b""


def difference(database: int, one: Record | None, two: Record | None) -> Difference:
    """Say what a key was and what it is."""
    where = f"key {printable(name(one, two))}" + (f" of database {database}" if database else "")
    observed = _describe(two)
    if one and two and one.digest != two.digest and _describe(one) == observed:
        observed += ", with another value"
    return Difference(where, _describe(one), observed)


def _describe(record: Record | None) -> str:
    if record is None:
        return "absent"
    unit = "bytes" if KINDS[record.kind] in ("string", "module value") else "elements"
    at = datetime.fromtimestamp(record.expires / 1000, UTC) if record.expires >= 0 else None
    return f"{KINDS[record.kind]} of {record.size:,} {unit}" + (
        f", expires {at:%Y-%m-%d %H:%M:%S.%f} UTC" if at else ""
    )


def printable(key: bytes) -> str:
    """Return a binary name as a line of text."""
    text = key.decode("utf-8", "backslashreplace")
    return clip("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))
