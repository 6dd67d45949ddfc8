"""Where a run's artefacts land on disk: a folder of its own, written whole or not at all, with checksums."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final

CHECKSUMS: Final = "SHA256SUMS"
LATEST: Final = "latest"
_SLUG_LENGTH = 40


class StoreError(Exception):
    """Reports could not be kept: one sentence with what, where, why, and what to do."""


@contextmanager
def told_in_a_sentence(what: str, where: Path) -> Iterator[None]:
    """Turn an operating system's error inside into a StoreError: `Could not <what> <where>: …`."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"Could not {what} {where}: {error.strerror or error}. "
            "Free space there, or give another folder that this user may write to."
        ) from error


def new_run_directory(root: Path, started: datetime, target_name: str) -> Path:
    """Make `root/<YYYYMMDD-HHMMSS>-<target>`, with `-2`, `-3` … where that exists. Raises StoreError."""
    name = f"{started:%Y%m%d-%H%M%S}-{_slug(target_name)}"
    with told_in_a_sentence("make a folder for the reports under", root):
        root.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            directory = root / (name if number == 1 else f"{name}-{number}")
            with suppress(FileExistsError):
                directory.mkdir()
                return directory
    raise AssertionError  # count() has no end


def point_latest(root: Path, directory: Path) -> None:
    """Point `root/latest` at a run's folder, in one step. Raises StoreError.

    Where the file system has no symbolic links, the folder's name is written to `latest.txt`.
    """
    interim = root / f".{LATEST}-{directory.name}"
    with told_in_a_sentence(f"point {LATEST} at {directory.name} in", root):
        interim.unlink(missing_ok=True)
        try:
            interim.symlink_to(directory.name, target_is_directory=True)
        except (OSError, NotImplementedError):
            write_whole(root / f"{LATEST}.txt", directory.name + "\n")
            return
        try:
            interim.replace(root / LATEST)
        finally:
            interim.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or the one before. Raises StoreError."""
    with told_in_a_sentence("write", path):
        descriptor, interim = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
                os.fchmod(descriptor, 0o644)
            Path(interim).replace(path)
        finally:
            Path(interim).unlink(missing_ok=True)


def write_checksums(directory: Path) -> None:
    """Write SHA256SUMS over every file of a run, as `sha256sum --check` reads it. Raises StoreError."""
    with told_in_a_sentence("read the artefacts in", directory):
        sums = {name: _sha256(directory / name) for name in _artefacts(directory)}
    write_whole(directory / CHECKSUMS, "".join(f"{digest}  {name}\n" for name, digest in sums.items()))


def verify(directory: Path) -> list[str]:
    """Say what has changed in a run's folder since its checksums were written; empty where nothing has.

    Raises StoreError where there are no checksums to hold it against.
    """
    with told_in_a_sentence("read the checksums of", directory):
        lines = (directory / CHECKSUMS).read_text(encoding="utf-8", errors="replace").splitlines()
        noted = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
        present = _artefacts(directory)
        changed = [name for name in present if name in noted and _sha256(directory / name) != noted[name]]
    said = [f"{name} has been changed" for name in changed]
    said += [f"{name} is missing" for name in sorted(noted.keys() - set(present))]
    return said + [f"{name} has been added" for name in sorted(set(present) - noted.keys())]


def _artefacts(directory: Path) -> list[str]:
    files = (path for path in directory.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    return sorted(path.relative_to(directory).as_posix() for path in files)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG_LENGTH].strip("-") or "target"
