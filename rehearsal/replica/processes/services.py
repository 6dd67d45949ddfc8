"""How each service of a replica is run."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Literal

from rehearsal.gateway.compose_numbers import environment_of
from rehearsal.gateway.description import ServicePart
from rehearsal.gateway.nginx_files import HOME, home, shown
from rehearsal.gateway.postgres_settings import postgres_limits
from rehearsal.gateway.redis_flags import redis_settings
from rehearsal.replica.processes import addresses, environment
from rehearsal.replica.processes.blueprint import Blueprint
from rehearsal.replica.processes.composed import given_to
from rehearsal.replica.processes.nginx_build import lacks_some
from rehearsal.replica.processes.plan import ServicePlan

_POSTGRES, _REDIS = 5432, 6379
_SINK = Path(__file__).parent / "sink.py"


def plans(drawn: Blueprint) -> tuple[ServicePlan, ...]:
    """Return the plans of all services, in the order in which they are shown."""
    stores = (_postgres(drawn), _redis(drawn), _nginx(drawn), _sink(drawn))
    return (*stores, _own(drawn, "api"), _own(drawn, "worker"))


def _postgres(drawn: Blueprint) -> ServicePlan:
    settings, data = drawn.gateway.postgres, f"{drawn.root}/var/lib/postgresql/data"
    given = given_to(drawn.gateway, "postgres")
    variables = {
        **environment.base(drawn),
        **given.others,
        **dict.fromkeys(given.passwords, drawn.secrets.postgres),
        **environment.named(drawn.gateway.postgres.password, drawn.secrets.postgres),
        "POSTGRES_PASSWORD": drawn.secrets.postgres,
        "PGDATA": data,
        "PGHOST": drawn.sockets,
        "PGPORT": str(drawn.ports.postgres),
        "POSTGRES_USER": settings.user,
        "POSTGRES_DB": settings.database,
    }
    # A replica lives as long as its run: what is not flushed is lost with the machine only, never by SIGKILL.
    argv: tuple[str, ...] = ("-D", data, "-k", drawn.sockets, "-p", str(drawn.ports.postgres))
    argv += ("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "timezone=UTC", "-c", "log_timezone=UTC")
    if drawn.root:
        # Else a killed server leaves its files in the machine's /dev/shm.
        argv += ("-c", "dynamic_shared_memory_type=mmap")
    return ServicePlan(
        name="postgres",
        argv=(f"{drawn.postgres_programs}/postgres", *argv, *postgres_limits(drawn.gateway)),
        directory=drawn.root or "/",
        environment=variables,
        probe="postgres",
        port=drawn.ports.postgres,
        container_port=_POSTGRES,
        stop_signal=signal.SIGINT,
        unprivileged=True,
    )


def _redis(drawn: Blueprint) -> ServicePlan:
    given = given_to(drawn.gateway, "redis")
    settings = [f"requirepass {drawn.secrets.redis}"] if drawn.secrets.redis else []
    if drawn.ports.redis != _REDIS:
        settings.append(f"port {drawn.ports.redis}")
    path = "/usr/local/etc/redis/redis.conf"
    rewritten: tuple[str, ...] = ()
    if drawn.root:
        path = f"{drawn.root}/etc/redis/redis.conf"
        rewritten = (f"{drawn.directory}/redis:{drawn.root}/etc/redis",)
        settings += ["bind 127.0.0.1", f"dir {drawn.root}/data"]
    settings += redis_settings(drawn.gateway)
    return ServicePlan(
        name="redis",
        argv=(str(drawn.programs.redis), path, *(("-",) if settings else ())),
        directory=f"{drawn.root}/data",
        environment={
            **environment.base(drawn),
            **given.others,
            **dict.fromkeys(given.passwords, drawn.secrets.redis),
            "REDIS_PASSWORD": drawn.secrets.redis,
            **environment.named(drawn.gateway.redis.password, drawn.secrets.redis),
            "REHEARSAL_REDIS_PORT": str(drawn.ports.redis),
        },
        settings="".join(f"{line}\n" for line in settings),
        probe="redis",
        port=drawn.ports.redis,
        container_port=_REDIS,
        early=True,
        rewritten=rewritten,
    )


def _nginx(drawn: Blueprint) -> ServicePlan:
    return ServicePlan(
        name="nginx",
        argv=(f"{drawn.root}/run/rehearsal/bin/nginx", "-g", "daemon off;"),
        directory=f"{drawn.root}/var/cache/nginx",
        environment=environment.base(drawn),
        probe="tcp",
        port=next(iter(drawn.ports.web.values())),
        container_port=next(iter(drawn.ports.web)),
        stop_signal=signal.SIGQUIT,
        early=True,
        rewritten=_rewritten(drawn),
    )


def _rewritten(drawn: Blueprint) -> tuple[str, ...]:
    if drawn.root:
        return (f"{drawn.directory}/{home(drawn.gateway)}:{drawn.root}{HOME}",)
    if not lacks_some(drawn.gateway):
        return ()
    places = sorted({home(drawn.gateway), *shown(drawn.gateway).values()})
    return tuple(f"{drawn.directory}/{one}:{drawn.directory}/{one}" for one in places)


def _sink(drawn: Blueprint) -> ServicePlan:
    return ServicePlan(
        name="smtp",
        argv=(
            *(str(drawn.programs.python), "-IS", str(_SINK)),
            *(str(drawn.ports.smtp), f"{drawn.root}/run/rehearsal/mails"),
        ),
        directory=drawn.root or "/",
        environment=environment.base(drawn),
        probe="tcp",
        port=drawn.ports.smtp,
        hidden=True,
        early=True,
    )


def _own(drawn: Blueprint, name: Literal["api", "worker"]) -> ServicePlan:
    part = drawn.gateway.replica.services[name]
    is_api = name == "api"
    known = {
        **environment.addresses(drawn, "postgres", "redis", "smtp"),
        **({"PORT": str(drawn.ports.api)} if is_api else {}),
    }
    return ServicePlan(
        name=name,
        argv=tuple(_word(drawn, word, part) for word in part.command),
        directory=str(Path(drawn.directory, part.directory)),
        environment={
            **environment.base(drawn),
            **known,
            "PYTHONUNBUFFERED": "1",
            **environment.filled(environment_of(drawn.gateway, name), known),
        },
        probe="tcp" if is_api else "",
        port=drawn.ports.api if is_api else 0,
        container_port=addresses.api_port(drawn.gateway) if is_api else 0,
    )


def _word(drawn: Blueprint, word: str, part: ServicePart) -> str:
    if word == "python":
        return str(drawn.programs.python)
    if drawn.root and part.port:
        return re.sub(rf"(?<![\w.]){part.port}(?![\w.])", str(drawn.ports.api), word)
    return word
