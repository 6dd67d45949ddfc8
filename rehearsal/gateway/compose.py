"""Which Compose a host has, and whether it is the one that a document's commands ask for."""

from __future__ import annotations

import re

from rehearsal.gateway.target import Target, TargetError

OLD = "docker-compose"
"""The program of Compose 1, which has had no maintenance since July 2023; newer hosts may have Compose 2 under it."""
_FIRST_MAINTAINED = 2


def versions_of_compose(target: Target, *, timeout: float) -> tuple[str, str]:
    """Return the versions behind `docker-compose` and `docker compose`, each empty where there is none.

    Raises TargetError where the host can't be asked.
    """
    return _said(target, f"{OLD} version --short", timeout), _said(target, "docker compose version --short", timeout)


def is_maintained(version: str) -> bool:
    """Tell whether a version of Compose still gets fixes."""
    return int(version.partition(".")[0]) >= _FIRST_MAINTAINED


def _said(target: Target, command: str, timeout: float) -> str:
    run = target.run_script(command, timeout=timeout)
    if run.exit_code is None:
        msg = f"expected {target.name} to answer `{command}`, got: {run.ending}"
        raise TargetError(msg)
    found = re.search(r"\d+\.\d+(?:\.\d+)?", run.stdout) if run.ok else None
    return found[0] if found else ""
