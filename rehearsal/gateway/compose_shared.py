"""What a gateway's Compose file gives the API and the worker, who hand mails over to each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from rehearsal.gateway.compose_faults import Composed
from rehearsal.gateway.compose_file import environment
from rehearsal.gateway.description import QueuePart

_DATABASE = re.compile(r"(?:DB|DATABASE|PG|POSTGRES)_?(?:NAME|DB|DATABASE|SCHEMA)|DATABASE|PGDATABASE")
_QUEUE = re.compile(r"(?:REDIS|QUEUE|BULL(?:MQ)?)(?:_?(?:REDIS|QUEUE|HOST|PORT|UR[LI]|DB|NAME|PREFIX))*")
"""Not the address of PostgreSQL: one of the two may go through a pooler."""
_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+\w+)?(?=://)")
_DATABASE_NAME = re.compile(r"(?:^|_)(?:(?:DB|PG|POSTGRES)_?(?:NAME|DB|DATABASE)|DATABASE_NAME)$")
_QUEUE_ITSELF = re.compile(r"(?:(?:E?MAILS?|BULL(?:MQ)?)_)?(?:QUEUE(?:_NAME|_(PREFIX))?|BULL(?:MQ)?_(PREFIX))")
"""Not one of dead letters, or of something else."""
_SWITCH = re.compile(r"true|false|yes|no|on|off|\d+", re.IGNORECASE)
_HOST = re.compile(r"(?:^|_)(?:DB|DATABASE|PG|POSTGRES)_?HOST$")
_POOLER = re.compile(r"pool|bounce|proxy|pgcat|odyssey")


def handed_over(composed: Composed) -> dict[str, tuple[str, str]]:
    """Return what the API's container and the worker's have in variables of stores and queue that both have.

    Of an address without who asks, and without where PostgreSQL is asked: each may have a user and a pooler of its own.
    """
    api, worker = (environment(composed.services.get(service, ("", {}))[1]) for service in ("api", "worker"))
    both = {name: (api[name], worker[name]) for name in api if name in worker}
    apart = {name for name, values in both.items() if _one_is_elsewhere(name.upper(), values, composed.names)}
    shared = [name for name in both if name in apart or _is_shared(name.upper(), api[name])]
    return {
        name: (_place(one, name in apart), _place(other, name in apart))
        for name, (one, other) in both.items()
        if name in shared
    }


def queues_of_one(composed: Composed, queue: QueuePart) -> Iterator[tuple[str, str, str, str]]:
    """Yield service, variable, its value, and what `queue` says, of a queue's name or prefix that one has alone."""
    api, worker = (environment(composed.services.get(service, ("", {}))[1]) for service in ("api", "worker"))
    for service, own, other in (("api", api, worker), ("worker", worker, api)):
        for variable, value in own.items():
            found = _QUEUE_ITSELF.fullmatch(variable.upper())
            if found and variable not in other and "$" not in value and not _SWITCH.fullmatch(value):
                yield service, variable, value, queue.prefix if any(found.groups()) else queue.name


def databases_named(composed: Composed, service: str) -> dict[str, str]:
    """Return the databases of PostgreSQL that a container is given, by variable; none where one is not written out."""
    found = {}
    for variable, value in environment(composed.services.get(service, ("", {}))[1]).items():
        name = _DATABASE_NAME.search(variable.upper())
        if name or _POSTGRES.match(value):
            found[variable] = value if name and "://" not in value else _path(value)
    return {} if any("$" in one for one in found.values()) else {name: one for name, one in found.items() if one}


def _path(value: str) -> str:
    try:
        return urlsplit(value).path.strip("/")
    except ValueError:
        return ""


def _is_shared(variable: str, value: str) -> bool:
    found = re.search(r"(?:^|_)(?:DB|DATABASE|PG|POSTGRES|REDIS|QUEUE|BULL)", variable)
    own = variable[found.start() :].lstrip("_") if found else ""
    return bool(_DATABASE.fullmatch(own) or _QUEUE.fullmatch(own) or _POSTGRES.match(value))


def _one_is_elsewhere(variable: str, values: tuple[str, str], names: Collection[str]) -> bool:
    """Tell whether one of two asks PostgreSQL within the file, or by a pooler, and the other alone somewhere else."""
    hosts = list(values) if _HOST.search(variable) else [_host(value) for value in values if _POSTGRES.match(value)]
    return len({host in names or bool(_POOLER.search(host)) for host in hosts}) > 1


def _host(value: str) -> str:
    try:
        return urlsplit(value).hostname or ""
    except ValueError:
        return ""


def _place(value: str, whole: bool) -> str:  # noqa: FBT001 - with where PostgreSQL is asked, or without
    try:
        parts = urlsplit(value)
    except ValueError:
        return value
    if not parts.netloc:
        return value
    where = "" if _POSTGRES.match(value) and not whole else parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{where}{parts.path}"
