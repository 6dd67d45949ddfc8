"""Templates of nginx' settings, which its official image fills in from its environment as it starts."""

from __future__ import annotations

import re

from dotenv import dotenv_values

from rehearsal.gateway.aliases import service_of
from rehearsal.gateway.compose_file import environment, services
from rehearsal.gateway.description import Gateway

SUFFIX = ".template"
"""The image's NGINX_ENVSUBST_TEMPLATE_SUFFIX, where nobody sets it."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_GIVEN = re.compile(r"\$\{(\w+)(?::?-([^}]*))?[^}]*\}|\$(\w+)")
_EXAMPLES = (".env.example", ".env.sample", ".env")
_UNKNOWN = "localhost"


def filled_in(text: str, gateway: Gateway) -> str:
    """Return a template with what the Compose file gives nginx; other `$words` are nginx' own and stay."""
    said = services(gateway.directory)
    given = environment(said.get(service_of("nginx", said), {}))
    known = {name: _GIVEN.sub(lambda one: _meant(one, gateway), value) for name, value in given.items()}
    return _VARIABLE.sub(lambda one: known.get(one[1] or one[2], one[0]), text)


def _meant(reference: re.Match[str], gateway: Gateway) -> str:
    """Return what `${NAME:-value}` of a Compose file means; a name that nobody knows is the replica itself."""
    name, default = reference[1] or reference[3], reference[2]
    for file in (gateway.directory / example for example in _EXAMPLES):
        if file.is_file() and (value := dotenv_values(file, interpolate=False).get(name)):
            return value
    return default if default is not None else _UNKNOWN
