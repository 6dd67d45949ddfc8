"""What a drill itself does to its replica, by the shell: where that fails, nothing can be said of the gateway."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica


def prepare(
    replica: Replica, script: str, what: str, *, timeout: float, environment: Mapping[str, str] | None = None
) -> str:
    """Run a script and return what it said.

    Raises TargetError: `expected to <what> in <replica>; it exited 1: ...`.
    """
    run = replica.run_script(script, timeout=timeout, environment=environment)
    if not run.ok:
        msg = f"expected to {what} in {replica.name}; it {run.ending}"
        raise TargetError(msg)
    return run.stdout
