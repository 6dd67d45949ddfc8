"""The numbers that a gateway's Compose file gives its API and its worker: delays, limits, sizes of pools."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from dotenv import dotenv_values

from rehearsal.gateway.aliases import service_of
from rehearsal.gateway.compose_file import environment, services
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.dotenv_file import SECRET, read_dotenv

_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,3})?")
_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^}]*)|:?\?[^}]*)?\})")
_A_PLACE = re.compile(r"(?:^|_)(?:\w*PORTS?|LISTEN|BIND|ADDR(?:ESS)?|DB|DATABASE|INDEX|[UG]?ID)$", re.IGNORECASE)
"""Where something is, or who: a replica has addresses of its own."""


def environment_of(gateway: Gateway, service: Literal["api", "worker"]) -> dict[str, str]:
    """Return what a replica's API or worker is given: the Compose file's numbers, then what gateway.toml says."""
    return _numbers(gateway, service) | gateway.replica.services[service].environment


def _numbers(gateway: Gateway, service: str) -> dict[str, str]:
    blocks = services(gateway.directory)
    name = service_of(service, blocks, gateway)
    known = read_dotenv(gateway.directory) or {}
    said = {variable: _filled(value, known) for variable, value in _said(gateway, blocks.get(name, {})).items()}
    return {
        variable: value
        for variable, value in said.items()
        if _NUMBER.fullmatch(value) and not _A_PLACE.search(variable) and not SECRET.search(variable)
    }


def _said(gateway: Gateway, block: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    files = block.get("env_file") or ()
    for one in [files] if isinstance(files, (str, Mapping)) else files:
        path = gateway.directory / str(one.get("path") if isinstance(one, Mapping) else one)
        if path.is_file():
            found |= {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}
    return found | environment(block)


def _filled(value: str, known: Mapping[str, str]) -> str:
    found = _REFERENCE.fullmatch(value)
    return value if not found else known.get(found[1] or found[2]) or found[3] or ""
