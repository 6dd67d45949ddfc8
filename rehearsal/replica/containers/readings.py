"""What the engine says of a replica's containers, in the words of the contract."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from docker.models.containers import Container  # type: ignore[import-untyped]  # ships no types

from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.target import DiskUsage, Resources, ServiceState, ServiceUsage
from rehearsal.replica.processes.standins.words import status

_NANO = 1e9
_BESIDE = ("operator", "smtp", "migrate")
"""What stands beside the gateway; it takes from what the replica was given, too."""


def state(name: str, container: Container | None) -> ServiceState:
    """Return the state of one service."""
    if container is None:
        return ServiceState(name, running=False, healthy=None, restarts=0, detail="no container")
    container.reload()
    raw = container.attrs["State"]
    word = "paused" if raw.get("Paused") else "restarting" if raw.get("Restarting") else raw["Status"]
    health = {"healthy": True, "unhealthy": False, "starting": False}.get((raw.get("Health") or {}).get("Status", ""))
    since = _age(raw["StartedAt"] if word in ("running", "paused") else raw["FinishedAt"])
    shown = {"state": word, "health": health, "exit": raw["ExitCode"], "seconds": since}
    return ServiceState(name, word == "running", health, container.attrs["RestartCount"], status(shown))


def _age(moment: str) -> float:
    # Nanoseconds are more than Python reads.
    seconds, _, _ = moment.rstrip("Z").partition(".")
    began = datetime.fromisoformat(seconds).replace(tzinfo=UTC)
    return max(0.0, (datetime.now(UTC) - began).total_seconds())


def resources(
    containers: Mapping[str, Container], gateway: Gateway, interval: float, disks: tuple[DiskUsage, ...]
) -> Resources:
    """Return the use of what the replica was given over some seconds."""
    running: dict[str, Container] = {name: one for name, one in containers.items() if one.status == "running"}
    before = _counters(running)
    time.sleep(interval)
    after = _counters(running)
    limit = gateway.replica.memory_mib << 20
    services = []
    for name in sorted(before.keys() & after.keys(), key=[*SERVICES, *_BESIDE].index):
        (cpu, _, began), (later, memory, ended) = before[name], after[name]
        percent = 100 * (later - cpu) / _NANO / max(ended - began, 0.001) / gateway.replica.cpus
        services.append(ServiceUsage(name, max(0.0, percent), 100 * memory / limit, memory))
    return Resources(
        cpu_percent=sum(one.cpu_percent for one in services),
        memory_percent=sum(one.memory_percent for one in services),
        disks=disks,
        services=tuple(one for one in services if one.name in SERVICES),
    )


def _counters(containers: Mapping[str, Container]) -> dict[str, tuple[int, int, float]]:
    """Return for each the nanoseconds of CPU, the bytes of memory, and when that was, in seconds."""
    if not containers:
        return {}
    with ThreadPoolExecutor(len(containers)) as pool:
        return dict(zip(containers, pool.map(_counter, containers.values()), strict=True))


def _counter(container: Container) -> tuple[int, int, float]:
    raw: dict[str, Any] = container.client.api.stats(container.id, stream=False, one_shot=True)
    memory = raw.get("memory_stats", {})
    details = memory.get("stats", {})
    cached = details.get("total_inactive_file", details.get("inactive_file", 0))
    used = max(0, memory.get("usage", 0) - cached)
    return raw["cpu_stats"]["cpu_usage"]["total_usage"], used, time.monotonic()


def disks(table: str) -> tuple[DiskUsage, ...]:
    """Read `df -B1 --output=target,size,used,itotal,iused` of the replica's volumes."""
    found = []
    for line in table.splitlines()[1:]:
        mount, size, used, inodes, taken = line.split()
        found.append(DiskUsage(mount, _percent(used, size), _percent(taken, inodes), int(size)))
    return tuple(found)


def _percent(used: str, whole: str) -> float:
    return 100 * int(used) / int(whole) if whole.isdigit() and int(whole) else 0.0
