"""`docker-compose build` where services run the code of the folder: nothing is built, and `up` starts them anew."""

from __future__ import annotations

import os
import sys

_OWN = ("api", "worker")
"""The services of the gateway's own code; the others come as they are."""


def build(services: list[str]) -> None:
    """Remember that these services have new code, as a new image would: the next `up` has them run it.

    So have those whose containers are made from the same image.
    """
    one_image = os.environ.get("REHEARSAL_ONE_IMAGE", "").split()
    also = [name for name in one_image if name not in services and set(one_image) & set(services)]
    for name in [*services, *also]:
        if name in _OWN:
            with open(_mark(name), "w"):
                pass
            print(f"{name}: nothing to build, this replica runs the code of the folder", file=sys.stderr)


def taken(services: list[str]) -> set[str]:
    """Return which of these services were built since they last were started by `up`, and forget it."""
    found = {name for name in services if os.path.exists(_mark(name))}
    for name in found:
        os.unlink(_mark(name))
    return found


def _mark(service: str) -> str:
    return f"{os.environ.get('REHEARSAL_ROOT', '')}/run/rehearsal/built-{service}"
