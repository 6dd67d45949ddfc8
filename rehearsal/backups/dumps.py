"""A dump on disk before anybody restores it: its form, whether it is whole, and what is in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rehearsal.backups.examine import Contents, examine
from rehearsal.backups.packing import DAMAGE, packing_of

_CHUNK = 1 << 18
_TAR_MAGIC_AT = 257
CUSTOM_MAGIC = b"PGDMP"
"""What a dump in pg_dump's own format begins with."""
_HEAD = 8


@dataclass(frozen=True, slots=True)
class Inspected:
    """What can be said of a dump without restoring it."""

    contents: Contents
    broken: str = ""
    """Why it can't be restored: a sentence; empty where nothing speaks against it."""
    unknown: str = ""
    """Why it can't be judged; empty where it can."""


class _BrokenError(Exception):
    pass


class _UnknownError(Exception):
    pass


def inspect(path: Path, *, largest: int, timeout: float) -> Inspected:
    """Read a dump through: at most `largest` bytes of SQL, within `timeout` seconds."""
    try:
        contents = examine(_plain(path, largest, time.monotonic() + timeout, timeout))
    except _BrokenError as error:
        return Inspected(Contents(), broken=f"{path.name} {error}")
    except _UnknownError as error:
        return Inspected(Contents(), unknown=f"{path.name} {error}")
    if contents.hostile:
        return Inspected(contents)
    if contents.broken:
        return Inspected(
            contents, broken=f"{path.name} breaks off: expected the end of a dump, found {contents.broken}"
        )
    if not contents.complete:
        words = "expected its last line to be 'PostgreSQL database dump complete', found"
        return Inspected(contents, broken=f"{path.name} is not complete: {words} the end after line {contents.lines:,}")
    return Inspected(contents)


def _plain(path: Path, largest: int, deadline: float, timeout: float) -> Iterator[bytes]:
    """Yield the SQL of a dump, unpacked."""
    if not path.stat().st_size:
        raise _BrokenError("is empty: expected a dump, found 0 bytes")
    with path.open("rb") as file:
        packing = packing_of(file.read(_HEAD))
    size = 0
    with packing.open(path) if packing else path.open("rb") as text:
        while True:
            try:
                chunk = text.read(_CHUNK)
            except DAMAGE as error:
                why = "it ends too early" if isinstance(error, EOFError) else str(error)
                form = packing.name if packing else "file"
                msg = f"is damaged: its {form} can't be read past {size:,} bytes of SQL ({why})"
                raise _BrokenError(msg) from None
            if not chunk:
                if not size:
                    raise _BrokenError("is empty: expected a dump in it, found 0 bytes")
                return
            if not size:
                _demand_sql(chunk)
            size += len(chunk)
            if size > largest:
                raise _UnknownError(
                    f"holds more than {largest:,} bytes, the disk of a replica (replica.disk_mib in gateway.toml)"
                )
            if time.monotonic() > deadline:
                raise _UnknownError(
                    f"could not be read through in {timeout:g} s (replica.command_timeout_seconds): had {size:,} bytes"
                )
            yield chunk


def _demand_sql(head: bytes) -> None:
    for magic, at, form in ((CUSTOM_MAGIC, 0, "custom"), (b"ustar", _TAR_MAGIC_AT, "tar")):
        if head[at : at + len(magic)] == magic:
            raise _UnknownError(
                f"is a dump in pg_dump's {form} format, not looked into for hostile content and so not restored:"
                " expected plain SQL (pg_dump without -F)"
            )
