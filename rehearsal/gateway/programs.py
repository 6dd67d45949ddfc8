"""The scripts of a gateway directory, whoever runs them."""

from __future__ import annotations

import os
from pathlib import Path

_SCRIPTS = (".sh", ".bash", ".py", ".pl", ".rb")
_LARGEST = 200_000
_NOT_OURS = {".git", "node_modules", ".venv", "__pycache__", "backups", "redis-backups"}


def script_texts(directory: Path) -> tuple[str, ...]:
    """Return the texts of scripts in a gateway directory: by their ending, or executable without one."""
    texts = []
    for folder, below, names in os.walk(directory):
        below[:] = sorted(set(below) - _NOT_OURS)
        for path in (Path(folder, name) for name in sorted(names)):
            runs = path.suffix in _SCRIPTS or (not path.suffix and os.access(path, os.X_OK))
            if runs and path.is_file() and path.stat().st_size <= _LARGEST:
                texts.append(path.read_text(errors="replace"))
    return tuple(texts)
