"""What of a gateway directory a replica gets a copy of. Standard library only: the supervisor reads this, too."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection

# Made at run time, or the live gateway's own: a replica starts without them. Their places are in the folder itself;
# deeper down `logs` and `backups` may as well be the gateway's own code.
_MADE = frozenset({"backups", "redis-backups", "redis-data", "logs"})
_CERTIFICATES = "ssl"
"""Where the live gateway's keys lie: in the folder itself, or below nginx's."""
_NOWHERE = frozenset({".git", ".env", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"})
_BROUGHT = frozenset({"node_modules", ".venv"})
"""Of a package manager: thousands of files that nobody changes, and without which no service starts."""


def copy_folder(source: str, target: str, *, without: Collection[str], brought: bool = False) -> list[str]:
    """Copy a gateway directory, links as links, and return what is to be shown beside it, as paths within.

    With `brought`, that is copied as well; the paths `without` are not. Raises shutil.Error, OSError.
    """
    shown: list[str] = []

    def left_out(folder: str, names: list[str]) -> set[str]:
        own = os.path.relpath(folder, source)
        out = set(_NOWHERE.intersection(names)) | (set(_MADE.intersection(names)) if own == "." else set())
        if own.split(os.sep)[0] in (".", "nginx"):
            out.update({_CERTIFICATES}.intersection(names))
        out.update(name for name in names if os.path.normpath(os.path.join(own, name)) in without)
        packages = [] if brought else [name for name in names if name in _BROUGHT and _is_folder(folder, name)]
        shown.extend(os.path.normpath(os.path.join(own, name)) for name in packages)
        return out.union(packages)

    shutil.copytree(source, target, symlinks=True, ignore=left_out)
    return shown


def _is_folder(folder: str, name: str) -> bool:
    path = os.path.join(folder, name)
    return os.path.isdir(path) and not os.path.islink(path)
