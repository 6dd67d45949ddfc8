"""Which folders and files of its own a gateway shows to its services: what a restore puts back, it may put there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from rehearsal.gateway.aliases import IMAGES
from rehearsal.gateway.compose_file import Mount, mounts, services
from rehearsal.gateway.description import Gateway

USUAL = "redis-data"
_INSIDE = {"redis": ("/data",), "postgres": ("/var/lib/postgresql", "/var/lib/postgresql/data")}
"""Where a store keeps its data."""


def redis_folder(gateway: Gateway) -> PurePosixPath:
    """Return the folder that Redis sees as `/data`, relative to the gateway directory.

    What `redis.data` says, else what the Compose file shows to a service of Redis, else `redis-data`.
    """
    if gateway.redis.data:
        return PurePosixPath(gateway.redis.data)
    shown = set(_shown(gateway, "redis"))
    return shown.pop() if len(shown) == 1 else PurePosixPath(USUAL)


def live_data(gateway: Gateway) -> tuple[str, ...]:
    """Return the folders below the gateway directory in which live stores keep their data."""
    return tuple(
        dict.fromkeys(map(str, (redis_folder(gateway), *_shown(gateway, "redis"), *_shown(gateway, "postgres"))))
    )


def shown_to(gateway: Gateway, service: str) -> Iterator[tuple[Mount, PurePosixPath]]:
    """Yield what the Compose file shows a service of the gateway directory, and where that lies below it."""
    for name, said in services(gateway.directory).items():
        if re.search(IMAGES[service], f"{name} {said.get('image')}"):
            for mount in mounts(said):
                if own := _own(mount.source, gateway.live.directory):
                    yield mount, own


def _shown(gateway: Gateway, store: str) -> Iterator[PurePosixPath]:
    return (own for mount, own in shown_to(gateway, store) if mount.target in _INSIDE[store])


def _own(path: str, host_directory: str) -> PurePosixPath | None:
    if not path.startswith((".", "/")):
        return None  # the name of a volume
    place = PurePosixPath(path)
    if place.is_absolute():
        if not PurePosixPath(host_directory).is_absolute() or not place.is_relative_to(host_directory):
            return None
        place = place.relative_to(host_directory)
    return place if place.parts and ".." not in place.parts else None
