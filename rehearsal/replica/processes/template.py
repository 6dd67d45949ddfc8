"""The warm template: an empty PostgreSQL cluster, kept in the environment so that the next replica starts sooner."""

from __future__ import annotations

import contextlib
import hashlib
import locale as system_locale
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

_LAYOUT = 1
"""Counted up when a cluster is made in another way."""


def path(programs: Path, user: str, databases: Sequence[str], locale: str) -> Path:
    """Return where the template of such a cluster is kept; it may not exist."""
    server = (programs / "postgres").stat()
    made_of = (_LAYOUT, str(programs), server.st_size, server.st_mtime_ns, user, tuple(databases), locale)
    key = hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]
    return Path(sys.prefix, "share", "rehearsal", f"postgres-{key}.tar")


def keep(source: BinaryIO, target: Path) -> None:
    """Keep a template for later runs; where the environment can't be written, or is the system's own, do nothing."""
    if sys.prefix == sys.base_prefix:
        return
    with contextlib.suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=target.parent, prefix=".postgres-")
        try:
            with os.fdopen(number, "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
            # Whole or not at all: two runs may write it at the same time.
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink()
            raise


def locale() -> str:
    """Return the locale of a fresh cluster: C.UTF-8 as in the official image's spirit, C where the machine has none."""
    before = system_locale.setlocale(system_locale.LC_CTYPE)
    try:
        system_locale.setlocale(system_locale.LC_CTYPE, "C.UTF-8")
    except system_locale.Error:
        return "C"
    else:
        return "C.UTF-8"
    finally:
        system_locale.setlocale(system_locale.LC_CTYPE, before)
