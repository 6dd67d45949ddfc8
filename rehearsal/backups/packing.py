"""How backups are packed: known by their first bytes, whatever their names say."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to make a file smaller."""

    name: str
    magic: bytes
    pack: Callable[[bytes], bytes]
    unpack: Callable[[bytes], bytes]
    open: Callable[[Path | BinaryIO], BinaryIO]
    """For what is read piece by piece, or up to a limit."""


def _opener(module: object) -> Callable[[Path | BinaryIO], BinaryIO]:
    return lambda packed: cast("BinaryIO", module.open(packed, "rb"))  # type: ignore[attr-defined]


PACKINGS = (
    Packing("gzip", b"\x1f\x8b", partial(gzip.compress, mtime=0), gzip.decompress, _opener(gzip)),
    Packing("xz", b"\xfd7zXZ\0", lzma.compress, lzma.decompress, _opener(lzma)),
    Packing("bzip2", b"BZh", bz2.compress, bz2.decompress, _opener(bz2)),
    Packing("zstd", b"\x28\xb5\x2f\xfd", zstd.compress, zstd.decompress, _opener(zstd)),
)
DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zstd.ZstdError, ValueError, OSError)
"""What unpacking raises for a file that is cut off or has decayed."""


def packing_of(head: bytes) -> Packing | None:
    """Return how something is packed, by its first bytes; None for what is not, or in a way that is not known."""
    return next((one for one in PACKINGS if head.startswith(one.magic)), None)
