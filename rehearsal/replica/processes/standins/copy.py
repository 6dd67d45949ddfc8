"""`docker cp`: between the operator's folders and paths as a service sees them."""

from __future__ import annotations

import os
import subprocess

from rehearsal.replica.processes.standins import client, containers, options


def copy(arguments: list[str], *, compose: bool) -> int:
    """Copy a file or folder and return the exit status."""
    given = options.split(arguments, ("-a", "--archive", "-L", "--follow-link", "-q", "--quiet"), ("--index",))
    if len(given.words) != 2 or "-" in given.words:  # noqa: PLR2004 - from and to
        raise client.RefusedError("cp needs SERVICE:PATH and a path of the host, in either order")
    places = [_place(word, compose=compose) for word in given.words]
    manner = "-RpL" if given.has("-L", "--follow-link") else "-Rp"
    return subprocess.run(["cp", manner, *places], check=False).returncode


def _place(word: str, *, compose: bool) -> str:
    name, colon, path = word.partition(":")
    if not colon or "/" in name:
        return word
    containers.chosen([name], containers.states(health=False), compose=compose)
    # A service's paths begin at its own root, which all services of this replica share.
    root = os.environ.get("REHEARSAL_ROOT", "")
    return path if root and path.startswith(f"{root}/") else f"{root}/{path.lstrip('/')}"
