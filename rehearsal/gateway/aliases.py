"""What a gateway calls its five services: one runbook speaks of `db` and `email-api`, another of postgres and api."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.gateway.compose_file import services, words
from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.live_part import UNIT

IMAGES = {"postgres": "postg|timescale", "redis": "redis|valkey|keydb", "nginx": "nginx"}
_NAMES = {"worker": "worker|consumer|sender", "api": "api|app|web|server|backend|http"}


@dataclass(frozen=True, slots=True)
class Called:
    """How the gateway calls one service."""

    service: str
    """In Compose."""
    container: str = ""
    """Its container, where Compose does not make up the name."""


def called(gateway: Gateway) -> dict[str, Called]:
    """Return how each service is called, where not by its own name: as its Compose file and `live.services` say."""
    found: dict[str, Called] = {service: Called(service) for service in SERVICES}
    blocks = services(gateway.directory)
    for service in SERVICES:
        if name := service_of(service, blocks, gateway):
            found[service] = Called(name, str(blocks[name].get("container_name") or ""))
    for ours, name in gateway.live.names.items():
        if name and not name.endswith(UNIT) and name not in (found[ours].service, found[ours].container):
            found[ours] = Called(name)
    return {service: one for service, one in found.items() if one != Called(service)}


def names_on_host(gateway: Gateway) -> dict[str, str]:
    """Return what each service is called on a live host: `live.services` first, else as the Compose file says."""
    return {service: one.service for service, one in called(gateway).items()} | gateway.live.names


def aliases(gateway: Gateway) -> dict[str, str]:
    """Return which service each other name means; a name that is also another service's own means that one."""
    names = {name: service for service, one in called(gateway).items() for name in (one.service, one.container) if name}
    return {name: service for name, service in names.items() if name not in SERVICES}


def names_of_services(gateway: Gateway) -> dict[str, str]:
    """Return which service each name means, our own names included."""
    return {**{service: service for service in SERVICES}, **aliases(gateway)}


def with_one_image(gateway: Gateway) -> tuple[str, ...]:
    """Return the services of the gateway's own code whose containers are made from one image, as its Compose file says.

    Built for one of them it is new for all of them.
    """
    blocks = services(gateway.directory)
    images = [_image(blocks.get(service_of(service, blocks, gateway), {})) for service in _NAMES]
    return tuple(_NAMES) if images[0] and len(set(images)) == 1 else ()


def service_of(service: str, blocks: Mapping[str, Mapping[str, Any]], gateway: Gateway) -> str:
    """Return the one service of the file that is that of ours; empty where there is none, or more than one.

    What gateway.toml says goes first, its name or the program that it runs, then what names and images mean to all.
    """
    for said in (gateway.live.names.get(service, ""), service):
        if said in blocks:
            return said
    if runs := _that_run(service, blocks, gateway):
        return runs[0] if len(runs) == 1 else ""
    if service in IMAGES:
        means = IMAGES[service]
        found = [name for name, block in blocks.items() if re.search(means, _image(block).rpartition("/")[2])]
        found = found or [name for name in blocks if re.search(means, name)]
    else:
        known = "|".join(IMAGES.values())
        others = [name for name, block in blocks.items() if not re.search(known, _image(block))]
        found = [name for name in others if re.search(_NAMES[service], name)]
        if service == "api":
            found = [name for name in found if not re.search(_NAMES["worker"], name)]
    return found[0] if len(found) == 1 else ""


def _that_run(service: str, blocks: Mapping[str, Mapping[str, Any]], gateway: Gateway) -> list[str]:
    """Return the services of the file whose command is the one that gateway.toml gives a replica for one of ours."""
    part = next((one for name, one in gateway.replica.services.items() if name == service), None)
    program = " ".join(part.command[1:]) if part else ""
    return [name for name, block in blocks.items() if program and f" {program} " in f"{' '.join(['', *words(block)])} "]


def _image(block: Mapping[str, Any]) -> str:
    return str(block.get("image") or "")
