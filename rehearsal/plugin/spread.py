"""How pytest-xdist spreads checks over workers: imported with `-n` only."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from rehearsal.plugin.hosts import scope_of


class HostScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps all checks of one host in one worker; other checks go where there is room.

    The groups of pytest-xdist 3.8 itself are written into node ids, where pytest 9 does not read them.
    """

    def __init__(self, config: pytest.Config, log: Any, specs: tuple[str, ...]) -> None:  # noqa: ANN401  it has no types
        super().__init__(config, log)
        self._specs = specs

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid, self._specs)

    def remove_node(self, node: Any) -> str | None:  # noqa: ANN401  it has no types
        """Give up the check in which a worker died, and hand the rest to others: the same check would end them, too."""
        workload: dict[str, dict[str, bool]] = self.assigned_work.pop(node)
        crashed: str | None = next(
            (name for unit in workload.values() for name, ended in unit.items() if not ended), None
        )
        if crashed is None:
            return None
        for unit in workload.values():
            unit.update({name: True for name in unit if name == crashed})
        self.workqueue.update({scope: unit for scope, unit in workload.items() if not all(unit.values())})
        for other in self.assigned_work:
            self._reschedule(other)
        return crashed
