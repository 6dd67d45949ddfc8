"""The scripts of a gateway directory, whoever runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_SCRIPTS = (".sh", ".bash", ".py", ".pl", ".rb")
_LARGEST = 200_000
_NOT_OURS = {".git", "node_modules", ".venv", "__pycache__", "backups", "redis-backups"}


def script_texts(directory: Path) -> tuple[str, ...]:
    """Return the texts of scripts in a gateway directory."""
    return tuple(text for _, text in scripts_in(directory))


def scripts_in(directory: Path) -> Iterator[tuple[Path, str]]:
    """Yield scripts below a gateway directory, each with its text: by their ending, or executable without one."""
    for folder, below, names in os.walk(directory):
        below[:] = sorted(set(below) - _NOT_OURS)
        for path in (Path(folder, name) for name in sorted(names)):
            runs = path.suffix in _SCRIPTS or (not path.suffix and os.access(path, os.X_OK))
            if runs and path.is_file() and path.stat().st_size <= _LARGEST:
                yield path.relative_to(directory), path.read_text(errors="replace")
