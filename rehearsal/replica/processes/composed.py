"""What a gateway's Compose file gives the containers of its stores: `docker-compose exec redis redis-cli` needs it."""

from __future__ import annotations

import re
from typing import NamedTuple

from rehearsal.gateway import compose_file
from rehearsal.gateway.aliases import service_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.dotenv_file import SECRET
from rehearsal.replica.processes.dotenv import PLAIN

_OURS = re.compile(r"POSTGRES_(?!PASSWORD)\w+|PGDATA|PGHOST|PGPORT|PGUSER|PGDATABASE|TZ|PATH|HOME")
"""What a replica's containers are started with, whatever a live one has."""
_REFERENCE = re.compile(r"\$\{?(\w+)")


class Given(NamedTuple):
    """The environment of one store, without a live secret."""

    passwords: tuple[str, ...]
    """Variables that hold the store's password: `REDISCLI_AUTH`, `PGPASSWORD`."""
    others: dict[str, str]
    """Numbers and short words."""


def given_to(gateway: Gateway, store: str) -> Given:
    """Return what the Compose file gives a store beside what every replica's has."""
    said = compose_file.services(gateway.directory)
    name = service_of(store, said, gateway)
    given = compose_file.environment(said[name]) if name else {}
    variables = {name: value for name, value in given.items() if not _OURS.fullmatch(name)}
    live = gateway.postgres.password if store == "postgres" else gateway.redis.password
    source = live.env if live is not None else None
    passwords = tuple(
        variable
        for variable, value in variables.items()
        if SECRET.search(variable) or (source and source in _REFERENCE.findall(value))
    )
    others = {name: value for name, value in variables.items() if name not in passwords and PLAIN.fullmatch(value)}
    return Given(passwords, others)
