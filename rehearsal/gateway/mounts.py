"""Which folder of its own a gateway shows to its Redis: what a restore puts back, it puts there."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from rehearsal.gateway.description import Gateway

USUAL = "redis-data"
_INSIDE = "/data"
_FILES = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
# The blocks of a Compose file that stand two spaces in: its services, among others.
_BLOCKS = re.compile(r"^(?= {2}[\w.-]+:)", re.MULTILINE)
_REDIS = re.compile(r"^\s*[\w.-]*(redis|valkey)[\w.-]*:|^\s*image:\s*\S*(redis|valkey)", re.MULTILINE)
_SHORT = re.compile(rf"""(?:^|[\s"'\[,-])(\.?/[\w./-]+):{_INSIDE}(?::[\w,]+)?(?=["'\s,\]]|$)""", re.MULTILINE)
_LONG = re.compile(rf"""source:\s*["']?(\.?/[\w./-]+)["']?\s+target:\s*["']?{_INSIDE}["']?\s""")


def redis_folder(gateway: Gateway) -> PurePosixPath:
    """Return the folder that Redis sees as `/data`, relative to the gateway directory.

    What `redis.data` says, else what the Compose file shows to a service of Redis, else `redis-data`.
    """
    if gateway.redis.data:
        return PurePosixPath(gateway.redis.data)
    found: set[PurePosixPath | None] = set()
    for file in (gateway.directory / name for name in _FILES):
        found.update(_own(path, gateway.live.directory) for path in _shown(file))
    shown = found - {None}
    return shown.pop() or PurePosixPath(USUAL) if len(shown) == 1 else PurePosixPath(USUAL)


def _shown(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    blocks = [block for block in _BLOCKS.split(text) if _REDIS.search(block)]
    return [path for block in blocks for pattern in (_SHORT, _LONG) for path in pattern.findall(block)]


def _own(path: str, host_directory: str) -> PurePosixPath | None:
    place = PurePosixPath(path)
    if place.is_absolute():
        if not PurePosixPath(host_directory).is_absolute() or not place.is_relative_to(host_directory):
            return None
        place = place.relative_to(host_directory)
    return place if place.parts and ".." not in place.parts else None
