"""What Compose is told of one gateway beside docker-compose.test.yml: its environments, names and folders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rehearsal.gateway.aliases import aliases
from rehearsal.gateway.compose_numbers import environment_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.nginx_files import HOME, home, more_shown
from rehearsal.replica.processes import composed


def write_override(folder: Path, gateway: Gateway, copy: Path, packages: Iterable[str]) -> Path:
    """Write what api and worker are given, by name: the values stay in the environment of Compose.

    The operator finds the copy of the gateway directory also where it is on the host, if that is said.
    """
    brought = [f"{gateway.directory.resolve() / name}:{copy / name}:ro" for name in packages]
    passwords = {
        source.env: f"${{REHEARSAL_{store}_PASSWORD}}"
        for store, source in (("POSTGRES", gateway.postgres.password), ("REDIS", gateway.redis.password))
        if source is not None and source.env
    }
    services: dict[str, dict[str, Any]] = {
        name: {
            "environment": passwords | {key: f"${{{variable(name, key)}}}" for key in environment_of(gateway, name)},
            "volumes": brought,
        }
        for name in gateway.replica.services
    }
    if "api" in services:
        services["migrate"] = services["api"]
    of_nginx = {HOME: home(gateway)} | more_shown(gateway)
    services["nginx"] = {"volumes": [f"{copy / own}:{target}" for target, own in of_nginx.items()]}
    for store in ("postgres", "redis"):
        given = composed.given_to(gateway, store)
        secret = f"${{REHEARSAL_{store.upper()}_PASSWORD}}"
        services[store] = {"environment": {**given.others, **dict.fromkeys(given.passwords, secret)}}
    if gateway.redis.password is not None and gateway.redis.password.env:
        name = gateway.redis.password.env
        services["redis"]["environment"][name] = passwords[name]
    for name, service in aliases(gateway).items():
        networks = services.setdefault(service, {}).setdefault("networks", {"inside": {"aliases": []}})
        networks["inside"]["aliases"].append(name)
    place = gateway.live.own_place
    services["operator"] = {"environment": passwords, "volumes": [*([f"{copy}:{place}"] if place else []), *brought]}
    path = folder / "override.json"
    path.write_text(json.dumps({"services": services}))
    return path


def variable(service: str, key: str) -> str:
    """Return the name under which Compose finds a value of a service's environment."""
    return f"REHEARSAL_{service.upper()}_GIVEN_{key}"
