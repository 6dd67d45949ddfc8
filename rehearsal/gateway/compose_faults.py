"""What a gateway's Compose file says that costs data or opens a door: stores without a volume, ports for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from rehearsal.gateway.aliases import service_of
from rehearsal.gateway.compose_file import compose_file, environment, mounts, read_services, words
from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.postgres_settings import settings_of_postgres
from rehearsal.gateway.redis_flags import asks_for_a_password, redis_conf
from rehearsal.gateway.target import NotOnThisTargetError

STORES = ("postgres", "redis")
_DATA = {"postgres": "/var/lib/postgresql/data", "redis": "/data"}
_GUARDED = "its own password is all that keeps others out"
_DOORS = {"postgres": _GUARDED, "redis": _GUARDED, "api": "what nginx limits and blocks comes in there"}
_FIRST_ELSEWHERE = 18
"""PostgreSQL's image declares its volume at /var/lib/postgresql from this major version on."""
_SHARED = ("volumes_from", "extends")
_OWN_HOSTS = re.compile(r"127\.\d+\.\d+\.\d+|::1|\[::1\]|localhost")
_UNSAFE = {"fsync": "off", "full_page_writes": "off"}
_LATE = "synchronous_commit"
_OFF = ("off", "no", "false", "0")


class Doubt(NamedTuple):
    """One sentence, and whether it is about what is lost rather than about what may be."""

    message: str
    critical: bool = False


class Composed:
    """The five services as the Compose file of a gateway says them.

    Raises NotOnThisTargetError where there is no such file, ComposeFileError where it is none.
    """

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        file = compose_file(gateway.directory)
        if file is None:
            msg = f"{gateway.directory.name} has no Compose file"
            raise NotOnThisTargetError(msg)
        self.file = file.name
        found = read_services(gateway.directory)
        self.names = frozenset(name for service, said in found.items() for name in _names(service, said))
        """By which all its services, ours or not, are reached."""
        self.services: dict[str, tuple[str, Mapping[str, Any]]] = {
            ours: (name, found[name]) for ours in SERVICES if (name := service_of(ours, found, gateway))
        }

    @property
    def shown(self) -> str:
        """The services of ours that it names, with their images."""
        return ", ".join(f"{name} ({said.get('image') or 'built'})" for name, said in self.services.values())

    def doubts(self) -> Iterator[Doubt]:
        """Yield all that costs data, opens a door, or stays down."""
        yield from self._losses()
        yield from self._doors()
        yield from self._stops()

    def _losses(self) -> Iterator[Doubt]:
        for store in STORES:
            if store not in self.services:
                continue
            name, said = self.services[store]
            data = self._data(store, said)
            shown = [mount for mount in mounts(said) if mount.source]
            if any(one in said for one in _SHARED) or any(_holds(mount.target, data, said) for mount in shown):
                continue
            yield Doubt(f"{name} keeps {data} in no volume: `docker-compose down` takes its data away", critical=True)
        if "postgres" in self.services:
            yield from self._unsafe(*self.services["postgres"])

    def _doors(self) -> Iterator[Doubt]:
        for service in (*STORES, "api"):
            name, said = self.services.get(service, ("", {}))
            if opened := [port for port in map(_published, said.get("ports") or ()) if port]:
                free = service in STORES and self._is_free(service, said)
                why = "without a password" if free else _DOORS[service]
                yield Doubt(f"{name} listens on every address of the host ({opened[0]}): {why}", free)

    def _stops(self) -> Iterator[Doubt]:
        left = [name for name, said in self.services.values() if not _restarts(said)]
        if left:
            yield Doubt(f"nothing starts {', '.join(left)} again after a crash or a reboot: no `restart`")
        halted = [name for name, said in self.services.values() if str(said.get("restart")).startswith("on-failure")]
        if halted:
            yield Doubt(f"nothing starts {', '.join(halted)} again after a reboot: `restart` is `on-failure`")
        for store in STORES:
            name, said = self.services.get(store, ("", {}))
            image = str(said.get("image") or "")
            tag = image.rpartition("/")[2].partition(":")[2]
            if image and "$" not in image and "@" not in image and tag in ("", "latest"):
                yield Doubt(f"{name} is `{image}`, of no version: a pull brings one that can't read its data")

    def _data(self, store: str, said: Mapping[str, Any]) -> str:
        if store == "postgres":
            return environment(said).get("PGDATA") or _DATA[store]
        text = redis_conf(self.gateway) or ""
        command = words(said)
        given = (
            command[command.index("--dir") + 1 :][:1] if "--dir" in command else re.findall(r"(?m)^dir\s+(/\S+)", text)
        )
        return given[-1].rstrip("/") if given else _DATA[store]

    def _unsafe(self, name: str, said: Mapping[str, Any]) -> Iterator[Doubt]:
        for setting, value in settings_of_postgres(said, self.gateway.directory).items():
            if setting in _UNSAFE and value.lower() in _OFF:
                yield Doubt(f"{name} runs with {setting}={value}: a power cut may cost all of its data", critical=True)
            if setting == _LATE and value.lower() in _OFF:
                yield Doubt(f"{name} confirms before it has written ({setting}={value}): an accepted mail may be lost")

    def _is_free(self, store: str, said: Mapping[str, Any]) -> bool:
        if store == "postgres":
            return environment(said).get("POSTGRES_HOST_AUTH_METHOD") == "trust"
        return self.gateway.redis.password is None and not asks_for_a_password(self.gateway)


def _names(service: str, said: Mapping[str, Any]) -> Iterator[str]:
    yield from (service, *(str(said[name]) for name in ("container_name", "hostname") if said.get(name)))
    networks = said.get("networks")
    for about in networks.values() if isinstance(networks, dict) else ():
        yield from map(str, (about or {}).get("aliases") or ())


def _holds(target: str, data: str, said: Mapping[str, Any]) -> bool:
    place = PurePosixPath(data)
    if PurePosixPath(target) not in (place, *place.parents) or target in ("", "/"):
        return False
    # A mount above PostgreSQL's folder holds nothing: the image's own volume lies over it, without a name.
    declared = _DATA["postgres"] if data == _DATA["postgres"] and _major(said) < _FIRST_ELSEWHERE else ""
    return not declared or target == declared


def _major(said: Mapping[str, Any]) -> int:
    found = re.search(r"postgres:(\d+)", str(said.get("image") or ""))
    return int(found[1]) if found else _FIRST_ELSEWHERE


def _published(port: object) -> str:
    """Return a port of a service that all addresses of the host lead to, as it is written; empty for others."""
    if isinstance(port, Mapping):
        host, published = str(port.get("host_ip") or ""), port.get("published")
        return "" if not published or _OWN_HOSTS.fullmatch(host) or _is_other(host) else f"{published}"
    written = str(port)
    host, colon, _ = written.rpartition("/")[0].rpartition(":") if "/" in written else written.rpartition(":")
    if not colon:
        return ""  # only exposed, or published on a port that nobody knows before
    address = host.rpartition(":")[0]
    return "" if _OWN_HOSTS.fullmatch(address) or _is_other(address) else written


def _is_other(address: str) -> bool:
    return bool(address) and address not in ("0.0.0.0", "::", "[::]", "*")  # noqa: S104  what is looked for


def _restarts(said: Mapping[str, Any]) -> bool:
    policy = said.get("restart")
    return (policy not in (None, "no", False)) or "restart_policy" in (said.get("deploy") or {}) or "extends" in said
