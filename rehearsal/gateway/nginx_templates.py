"""Templates of nginx' settings, which its official image fills in from its environment as it starts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rehearsal.gateway.aliases import service_of
from rehearsal.gateway.compose_file import environment, services
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.dotenv_file import SECRET, read_dotenv

SUFFIX = ".template"
"""The image's NGINX_ENVSUBST_TEMPLATE_SUFFIX, where nobody sets it."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_GIVEN = re.compile(r"\$\{(\w+)(?::?-([^}]*))?[^}]*\}|\$(\w+)")
_UNKNOWN = "localhost"


def filled_in(text: str, gateway: Gateway) -> str:
    """Return a template with what the Compose file gives nginx; other `$words` are nginx' own and stay."""
    said = services(gateway.directory)
    given = environment(said.get(service_of("nginx", said, gateway), {}))
    values = {name: value for name, value in (read_dotenv(gateway.directory) or {}).items() if not SECRET.search(name)}
    known = {name: _GIVEN.sub(lambda one: _meant(one, values), value) for name, value in given.items()}
    return _VARIABLE.sub(lambda one: known.get(one[1] or one[2], one[0]), text)


def _meant(reference: re.Match[str], values: Mapping[str, str]) -> str:
    """Return what `${NAME:-value}` of a Compose file means; a name that nobody knows is the replica itself."""
    default = reference[2] if reference[2] is not None else _UNKNOWN
    return values.get(reference[1] or reference[3]) or default
