"""Backups as they go wrong, from the bytes of a good one. What a format can't have is None."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Iterable

from rehearsal.backups.packing import DAMAGE, packing_of

Damage = Callable[[bytes], bytes | None]
"""Makes a bad backup of a good one; None where this format has no such damage."""

_TRAILER = b"-- PostgreSQL database dump complete"
_ROWS = re.compile(rb"^COPY [^\n]* FROM stdin;\n(?!\\\.)", re.MULTILINE)
_MANY = 1601
"""More columns than a table may have."""
_END_OF_ROWS = re.compile(rb"^\\\.\n", re.MULTILINE)
_LARGEST = 1 << 28


def truncated(good: bytes) -> bytes:
    """Cut it in half, as a full disk or a broken copy does."""
    return good[: len(good) // 2]


def flipped(good: bytes) -> bytes:
    """Flip a bit in its middle, as a decaying disk does."""
    at = len(good) // 2
    return good[:at] + bytes([good[at] ^ 0x10]) + good[at + 1 :]


def emptied(_: bytes) -> bytes:
    """Leave nothing but the name, as a full disk does."""
    return b""


def packed_nothing(good: bytes) -> bytes | None:
    """A whole file with nothing packed in it, as a dump that failed in front of a pipe leaves it."""
    return None if _unpacked(good) is None else packed_like(good, b"")


def half_a_dump(good: bytes) -> bytes | None:
    """A whole file with the first half of a dump in it, as a server that died in front of a pipe leaves it.

    Of SQL it ends behind the rows of a table: all that is there can be restored without an error.
    """
    plain = _unpacked(good)
    if plain is None:
        return None
    ends = [match.end() for match in _END_OF_ROWS.finditer(plain)]
    return packed_like(good, plain[: ends[len(ends) // 2] if ends else len(plain) // 2])


def with_a_broken_line(good: bytes) -> bytes | None:
    """A whole dump with one line in its rows that no table takes, as a page that decayed before it was dumped."""
    plain = plain_dump(good)
    starts = [match.end() for match in _ROWS.finditer(plain or b"")]
    if plain is None or not starts:
        return None
    at = starts[len(starts) // 2]
    return packed_like(good, plain[:at] + b"\t".join([b"?"] * _MANY) + b"\n" + plain[at:])


def packed_like(good: bytes, inner: bytes) -> bytes:
    """Pack something as a good backup is packed."""
    packing = packing_of(good)
    return inner if packing is None else packing.pack(inner)


def inside(good: bytes) -> bytes:
    """Return what is packed, or the file itself where nothing is."""
    plain = _unpacked(good)
    return good if plain is None else plain


def plain_dump(good: bytes) -> bytes | None:
    """Return the SQL of a dump; None for a format that psql does not read."""
    inner = inside(good)
    return inner if _TRAILER in inner[-4096:] else None


def with_commands(good: bytes, commands: Iterable[str]) -> bytes | None:
    """Put commands before the first and behind the last statement of a dump, as who can write to the folder could."""
    plain = plain_dump(good)
    if plain is None:
        return None
    attack = "".join(f"{command}\n" for command in commands).encode()
    at = plain.rindex(_TRAILER)
    # Behind the last statement, and in front of the words by which a script knows that a dump is whole.
    start = plain.rindex(b"--\n", 0, at)
    return packed_like(
        good, b"--\n-- PostgreSQL database dump\n--\n\n" + attack + plain[:start] + attack + plain[start:]
    )


def half_an_rdb(good: bytes) -> bytes | None:
    """Pack only half of the RDB, as a copy that was made while the server still wrote it."""
    files = _files(good)
    rdbs = [name for name in files if name.endswith((".rdb", ".aof"))]
    if not rdbs:
        return half_a_dump(good)
    # Without what tells about it: who made half a copy would have described that half.
    return _tar(good, {name: files[name][: len(files[name]) // 2] for name in rdbs})


def flipped_rdb(good: bytes) -> bytes | None:
    """Pack an RDB with a flipped bit, which only its own checksum tells: a disk that decayed before it was packed."""
    files = _files(good)
    rdbs = [name for name in files if name.endswith((".rdb", ".aof"))]
    return _tar(good, {name: flipped(files[name]) for name in rdbs}) if rdbs else None


def other_layout(good: bytes) -> bytes | None:
    """A whole archive of something else, as a mixed-up folder has it."""
    return _tar(good, {"photos/README.txt": b"no backup of any Redis\n"}) if _files(good) else None


def climbing(good: bytes, name: str) -> bytes | None:
    """Let an archive write a file of that name beside the folder that it is unpacked in, and into /tmp."""
    files = _files(good)
    outside = dict.fromkeys((f"../{name}-beside", f"/tmp/{name}-absolute"), b"written outside\n")  # noqa: S108
    return _tar(good, {**files, **outside}) if files else None


def _unpacked(good: bytes) -> bytes | None:
    packing = packing_of(good)
    try:
        return packing.unpack(good) if packing else None
    except DAMAGE:
        return None


def _files(good: bytes) -> dict[str, bytes]:
    """Return the files of a packed folder; empty where it is none."""
    try:
        with tarfile.open(fileobj=io.BytesIO(inside(good))) as tar:
            found = [(one.name, tar.extractfile(one)) for one in tar if one.isfile() and one.size < _LARGEST]
            return {name: content.read() for name, content in found if content}
    except (*DAMAGE, tarfile.TarError):
        return {}


def _tar(good: bytes, files: dict[str, bytes]) -> bytes:
    folder = io.BytesIO()
    with tarfile.open(fileobj=folder, mode="w") as tar:
        for name, content in files.items():
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(content), 0o600
            tar.addfile(about, io.BytesIO(content))
    return packed_like(good, folder.getvalue())
