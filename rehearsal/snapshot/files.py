"""The files of a folder: names, kinds, modes and content."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rehearsal.snapshot.difference import Difference, SnapshotError


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file, link or folder."""

    kind: str
    """`file`, `folder`, `link`, or `other` for a socket, a pipe, a device."""
    mode: int
    """The permission bits."""
    size: int
    sha256: str
    """Of a file's content, or of where a link points; empty for the others."""
    modified: float
    """Seconds since the epoch. Not compared: a copy has its own."""


@dataclass(frozen=True, slots=True)
class FilesSnapshot:
    """What a folder held, by path relative to it."""

    folder: Path
    entries: dict[str, FileEntry]


def take(folder: Path) -> FilesSnapshot:
    """Take a snapshot of a folder and all below it, without following links. Raises SnapshotError."""
    try:
        return FilesSnapshot(folder, {str(path.relative_to(folder)): _entry(path) for path in sorted(_walk(folder))})
    except OSError as error:
        where, why = error.filename or folder, error.strerror or error
        raise SnapshotError(f"The folder {folder} could not be read whole: {where}: {why}") from error


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as found:
        for entry in found:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))


def _entry(path: Path) -> FileEntry:
    about = path.lstat()
    kind, size, digest = "other", 0, ""
    if stat.S_ISDIR(about.st_mode):
        kind = "folder"
    elif stat.S_ISLNK(about.st_mode):
        kind, digest = "link", hashlib.sha256(os.fsencode(path.readlink())).hexdigest()
    elif stat.S_ISREG(about.st_mode):
        with path.open("rb") as file:
            kind, size, digest = "file", about.st_size, hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(kind, stat.S_IMODE(about.st_mode), size, digest, about.st_mtime)


def compare(before: FilesSnapshot, after: FilesSnapshot) -> tuple[Difference, ...]:
    """Name every file that is lost, new, or other in kind, mode or content."""
    found = []
    for name in sorted(before.entries.keys() | after.entries.keys()):
        one, two = before.entries.get(name), after.entries.get(name)
        if one is None or two is None or _compared(one) != _compared(two):
            expected, observed = _describe(one), _describe(two)
            content = ", with other content" if expected == observed else ""
            found.append(Difference(f"file {name}", expected, observed + content))
    return tuple(found)


def _compared(entry: FileEntry) -> tuple[str, int, str]:
    return entry.kind, entry.mode, entry.sha256


def _describe(entry: FileEntry | None) -> str:
    if entry is None:
        return "absent"
    size = f" of {entry.size:,} bytes" if entry.kind == "file" else ""
    return f"{entry.kind}{size}, mode {entry.mode:04o}"
