"""Section "Restaurar Redis": the queue and all other keys, as they were at the backup."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fixtures.drills import DRILL
from rehearsal.content import queue, redis_values
from rehearsal.drills.redis_store import RedisContent, RedisStore
from rehearsal.drills.restore import RestoreDrill
from rehearsal.drills.stores import Disaster, growth, partial_damage, total_loss
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.recovery import rehearse
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure

RICH = RedisContent(redis_values.RICH, queue.RICH)


@pytest.mark.drill
@pytest.mark.section("Restaurar Redis")
@pytest.mark.parametrize("disaster", [total_loss, partial_damage], ids=["total-loss", "partial-damage"])
@DRILL
@example(planted=RICH, goes_on=True)
@example(planted=RICH, goes_on=False)
@given(planted=st.builds(RedisContent, redis_values.contents(), queue.contents()), goes_on=st.booleans())
def test_redis_comes_back(
    *,
    disaster: Disaster,
    planted: RedisContent,
    goes_on: bool,
    replica: Replica,
    gateway: Gateway,
    runbook: Runbook,
    evidence: Record,
) -> None:
    """What Redis held at the backup comes back by the runbook, because the queue is the mail that is not yet sent."""
    backup, restore = procedure(runbook, "Backup Manual do Redis"), procedure(runbook, "Restaurar Redis")
    store = RedisStore(gateway.queue, gateway.redis.changing)
    rehearse(RestoreDrill(store, replica, gateway, backup, restore, goes_on), disaster, planted, evidence)


@pytest.mark.drill
@pytest.mark.section("Restaurar Redis")
def test_named_redis_backup_comes_back(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """The named backup comes back, whatever newer backup and older files lie beside it, because it was chosen."""
    backup, restore = procedure(runbook, "Backup Manual do Redis"), procedure(runbook, "Restaurar Redis")
    store = RedisStore(gateway.queue, gateway.redis.changing)
    rehearse(RestoreDrill(store, replica, gateway, backup, restore, older=True), growth, RICH, evidence)
