"""Whether a monitor script looks at the disk of the gateway, or at one that is the same on some hosts only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rehearsal.drills.monitors import Edge, Listening, Monitor, edges
from rehearsal.drills.preparing import prepare
from rehearsal.replica.protocol import Replica
from rehearsal.runbook.model import Threshold

_MARK = "/tmp/rehearsal-logs-elsewhere"  # noqa: S108  of the replica's own /tmp; `df` in a replica knows it
_TIMES = 2


def looks_at_logs(
    replica: Replica, monitor: Monitor, row: Threshold, bring_to: Callable[[float], None], before: Listening
) -> bool:
    """Tell whether a script that saw the gateway's disk fill sees it no more where /var/log is another disk.

    False as well where that could not be seen. Raises TargetError.
    """
    if replica.kind != "processes" or replica.isolation == "plain" or before.missed:
        return False
    with _logs_elsewhere(replica, monitor.timeout):
        return not any(_sees(monitor, edge, bring_to, before) for edge in edges(row))


def _sees(monitor: Monitor, edge: Edge, bring_to: Callable[[float], None], before: Listening) -> bool:
    # Words that change once, such as those of a latency on a busy machine, are none of the disk.
    for _ in range(_TIMES):
        bring_to(edge.below)
        below = monitor.say()
        bring_to(edge.above)
        above = monitor.say()
        if not below.differs(above, before.noise) and not above.shows(edge.above):
            return False
    return True


@contextmanager
def _logs_elsewhere(replica: Replica, timeout: float) -> Iterator[None]:
    prepare(replica, f"touch {_MARK}", "write to /tmp", timeout=timeout)
    try:
        yield
    finally:
        replica.run_script(f"rm -f {_MARK}", timeout=timeout)
