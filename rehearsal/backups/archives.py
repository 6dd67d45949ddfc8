"""A packed backup of Redis before anybody unpacks it: whether it is whole, what is in it, where it would write."""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from rehearsal.backups.rdb import RdbError, RdbHead, read_head

_HEAD = 1 << 20
_PIECE = 1 << 18
_TAIL = 9
_MOST_MEMBERS = 1000
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Archive:
    """What can be said of it without unpacking it."""

    rdb: RdbHead | None = None
    said_keys: int | None = None
    """Of its manifest; None without one."""
    broken: str = ""
    """Why it can't be restored, in a sentence."""
    hostile: str = ""
    """Where it would write, in a sentence."""


class _BrokenError(Exception):
    pass


class _HostileError(Exception):
    pass


def inspect_archive(path: Path, *, largest: int) -> Archive:
    """Read a `.tar.gz` through; at most `largest` bytes are unpacked, and none of them written."""
    if not path.stat().st_size:
        return Archive(broken=f"{path.name} is empty: expected a backup, found 0 bytes")
    try:
        with gzip.open(path) as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            return _whole(packed, _members(tar, largest))
    except _HostileError as error:
        return Archive(hostile=f"{path.name} {error}")
    except _BrokenError as error:
        return Archive(broken=f"{path.name} {error}")
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        return Archive(broken=f"{path.name} is damaged: expected a tar in a gzip, could not read it ({error})")


def _whole(packed: gzip.GzipFile, found: Archive) -> Archive:
    while packed.read(_PIECE):  # the sum of a gzip stands at its end
        pass
    return found


def _members(tar: tarfile.TarFile, largest: int) -> Archive:
    rdb: RdbHead | None = None
    digest, manifest, left = "", {}, largest
    for number, member in enumerate(tar):
        _demand_harmless(member, number)
        left -= member.size
        if left < 0:
            raise _HostileError(f"would unpack to more than {largest:,} bytes, the disk of a replica")
        content = tar.extractfile(member)
        name = PurePosixPath(member.name).name
        if content and name.endswith(".rdb"):
            rdb, digest = _rdb(content)
        elif content and name == _MANIFEST:
            manifest = _manifest(content.read(_HEAD))
    if rdb is None:
        raise _BrokenError("holds no RDB: expected a file dump.rdb in it")
    if manifest.get("sha256", digest) != digest:
        raise _BrokenError("holds another RDB than its manifest says: the SHA-256 differs")
    keys = manifest.get("keys")
    return Archive(rdb, keys if isinstance(keys, int) else None)


def _demand_harmless(member: tarfile.TarInfo, number: int) -> None:
    place = PurePosixPath(member.name)
    if place.is_absolute() or ".." in place.parts:
        raise _HostileError(f"would write outside of its folder: it holds {member.name[:100]!r}")
    if not (member.isfile() or member.isdir()):
        raise _HostileError(f"holds {member.name[:100]!r}, a link or a device, through which it could write anywhere")
    if number > _MOST_MEMBERS:
        raise _HostileError(f"holds more than {_MOST_MEMBERS} files")


def _rdb(content: IO[bytes]) -> tuple[RdbHead, str]:
    digest, head, tail = hashlib.sha256(), b"", b""
    while piece := content.read(_PIECE):
        digest.update(piece)
        head += piece[: _HEAD - len(head)]
        tail = (tail + piece)[-_TAIL:]
    try:
        return read_head(head, tail), digest.hexdigest()
    except RdbError as error:
        raise _BrokenError(f"holds no whole RDB: {error}") from None


def _manifest(text: bytes) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found:
        raise _BrokenError(f"holds a {_MANIFEST} that is no JSON object")
    return found
