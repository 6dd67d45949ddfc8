"""Backup files as things go wrong with them. Each takes a file and makes a damaged one in its place."""

from __future__ import annotations

import os
import time
from pathlib import Path


def truncate(path: Path, part: float = 0.5) -> str:
    """Cut the file to a part of its size, as a full disk or a broken copy does; say what was done."""
    size = path.stat().st_size
    kept = int(size * part)
    os.truncate(path, kept)
    return f"{path.name} cut from {size:,} to {kept:,} bytes"


def flip(path: Path, position: float = 0.5) -> str:
    """Flip one bit at a part of the file's length, as a decaying disk does; say what was done.

    Raises ValueError for an empty file.
    """
    content = bytearray(path.read_bytes())
    if not content:
        msg = f"expected something in {path.name} to flip a bit of, found an empty file"
        raise ValueError(msg)
    at = min(int(len(content) * position), len(content) - 1)
    content[at] ^= 0x10
    path.write_bytes(content)
    return f"{path.name}: one bit flipped in byte {at:,} of {len(content):,}"


def empty(path: Path) -> str:
    """Leave nothing but the name, as a failed dump does; say what was done."""
    os.truncate(path, 0)
    return f"{path.name} emptied"


def age(path: Path, seconds: float) -> str:
    """Set the file's time back, as if the last backups had not run; say what was done."""
    then = time.time() - seconds
    os.utime(path, (then, then))
    return f"{path.name} made {seconds / 3600:.1f} hours old"
