"""A drill with a lot of data beside the same commands by hand, and the memory of the Python that runs it."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

from benchmarks.table import Row
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.postgres_store import PostgresStore
from rehearsal.drills.redis_store import RedisStore
from rehearsal.drills.restore import RestoreDrill
from rehearsal.drills.stores import Store, total_loss
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import run_commands
from rehearsal.replica import open_replica
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook, procedure

MINUTES = 600.0
PGBENCH = "docker-compose exec -T postgres pgbench -i -q -s 20 -U postgres email_gateway"
KEYS = 1_000_000


class _Filled:
    """A store that was filled before: a drill plants nothing into it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.name, self.service, self.holds_the_mails = store.name, store.service, store.holds_the_mails
        self.take, self.begin, self.compare, self.doubts = store.take, store.begin, store.compare, store.doubts
        self.damage, self.mark, self.grow = store.damage, store.mark, store.grow

    def plant(self, replica: Replica, planted: object) -> None:
        """Leave the store as it is."""


def _roomy(gateway: Gateway) -> Gateway:
    given = {"disk_mib": 12_000, "memory_mib": 4096, "command_timeout_seconds": MINUTES, "ready_timeout_seconds": 120.0}
    limits = {"statement_timeout_seconds": MINUTES}
    return gateway.model_copy(
        update={
            "replica": gateway.replica.model_copy(update=given),
            "postgres": gateway.postgres.model_copy(update=limits),
            "redis": gateway.redis.model_copy(update={"timeout_seconds": 60.0}),
        }
    )


def _fill_postgres(replica: Replica) -> None:
    done = replica.run_script(PGBENCH, timeout=MINUTES)
    if not done.ok:
        raise SystemExit(f"pgbench {done.ending}")


def _fill_redis(replica: Replica) -> None:
    with replica.redis() as client:
        for start in range(0, KEYS, 10_000):
            client.mset({f"key:{number}": f"value of {number}" for number in range(start, start + 10_000)})


def _by_hand(replica: Replica, store: Store, gateway: Gateway, procedures: list[Procedure]) -> float:
    """Return the seconds that the commands take alone, and the loss between them: a drill has to lose it too."""
    started = time.monotonic()
    for number, one in enumerate(procedures):
        commands = fill_in(replica, one.commands, gateway.placeholders, timeout=MINUTES)
        run = run_commands(replica, commands, timeout=MINUTES)
        if run.failed:
            raise SystemExit(f"{run.failed[0].command} {run.failed[0].ending}")
        if number == 0:
            total_loss(store, replica)
    return time.monotonic() - started


def _ratio(gateway: Gateway, runbook: Runbook, store: Store, fill: Callable[[Replica], None], goal: float) -> Row:
    gateway = _roomy(gateway)
    procedures = [procedure(runbook, f"{verb} {store.name}") for verb in ("Backup Manual do", "Restaurar")]
    with open_replica(gateway) as replica:
        fill(replica)
        hand = _by_hand(replica, store, gateway, procedures)
        started = time.monotonic()
        seen = RestoreDrill(_Filled(store), replica, gateway, procedures[0], procedures[1]).rehearse(total_loss, None)
        drill = time.monotonic() - started
    if seen.problems or seen.remaining:
        raise SystemExit(
            f"the drill of {store.name} failed, so its time says nothing: {seen.problems} {seen.remaining}"
        )
    detail = f"{drill:.1f} s beside {hand:.1f} s by hand, both with the loss of the volume"
    return Row(f"{store.name} drill against bare commands", drill / hand, "x", goal, detail)


def drills(gateway: Gateway, runbook: Runbook) -> list[Row]:
    """Ratios of both drills, and the most memory that this Python has taken in them."""
    rows = [
        _ratio(gateway, runbook, PostgresStore(), _fill_postgres, 1.25),
        _ratio(gateway, runbook, RedisStore(gateway.queue), _fill_redis, 2.0),
    ]
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, Row("memory of the Python process", mebibytes, "MiB", 150, "highest, 300 MB and 1M keys")]
