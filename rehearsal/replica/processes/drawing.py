"""Draws the plan of a replica from a gateway directory."""

from __future__ import annotations

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.mounts import live_data, redis_folder
from rehearsal.gateway.nginx_files import main_settings, more_shown, settings_of_nginx
from rehearsal.gateway.redis_flags import USUAL_CONF, redis_conf
from rehearsal.replica import token
from rehearsal.replica.processes import addresses, environment, furniture, services, template, tls, visible
from rehearsal.replica.processes.blueprint import Blueprint
from rehearsal.replica.processes.nginx_build import REPLACEMENTS
from rehearsal.replica.processes.plan import Plan, StorePlan
from rehearsal.replica.protocol import ReplicaError


def draw(drawn: Blueprint) -> Plan:
    """Draw the whole plan. Raises ReplicaError that names what the gateway directory lacks."""
    demand_parts(drawn.gateway)
    given = drawn.gateway.replica
    return Plan(
        project=drawn.project,
        isolation=drawn.isolation,
        root=drawn.root,
        source=str(drawn.gateway.directory.resolve()),
        directory=drawn.directory,
        left_out=(*live_data(drawn.gateway), *tls.own_files(drawn.gateway)),
        cpus=given.cpus,
        memory_mib=given.memory_mib,
        disk_mib=given.disk_mib,
        binds=visible.binds(drawn.programs, drawn.gateway),
        copies=drawn.copies,
        hosts=visible.hosts(drawn.gateway),
        folders=furniture.folders(drawn),
        files=furniture.files(drawn),
        links=furniture.links(drawn),
        replacements=(*REPLACEMENTS, *(_replacements(drawn) if drawn.root else ())),
        replaced=furniture.certificates(drawn),
        operator=environment.operator(drawn),
        store=_store(drawn),
        services=services.plans(drawn),
    )


def _replacements(drawn: Blueprint) -> tuple[tuple[str, str], ...]:
    gateway = drawn.gateway
    folders = [*tls.folders_elsewhere(gateway), *more_shown(gateway), *filter(None, [gateway.live.own_place])]
    return addresses.replacements(gateway, drawn.ports, drawn.root, folders)


def _store(drawn: Blueprint) -> StorePlan:
    settings, programs = drawn.gateway.postgres, drawn.postgres_programs
    data = f"{drawn.root}/var/lib/postgresql/data"
    names = [name for name in (settings.database, token.DATABASE) if name != "postgres"]
    locale = template.locale()
    return StorePlan(
        data=data,
        template=str(template.path(drawn.programs.postgres, settings.user, names, locale)),
        initdb=(
            *(f"{programs}/initdb", "-D", data, "-U", settings.user, "--encoding=UTF8", f"--locale={locale}"),
            *("--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "--no-instructions"),
        ),
        single=(f"{programs}/postgres", "--single", "-D", data, "template1"),
        statements="".join(f'CREATE DATABASE "{name.replace(chr(34), chr(34) * 2)}"\n' for name in names),
        redis_data=f"{drawn.directory}/{redis_folder(drawn.gateway)}",
    )


def demand_parts(gateway: Gateway) -> None:
    """Raise ReplicaError that names what the gateway directory lacks."""
    if not any(settings_of_nginx(gateway)):
        msg = (
            f"expected nginx/nginx.conf in {gateway.directory}, found none, nor a Compose file that shows nginx its"
            " settings; a replica of nginx is made from it"
        )
        raise ReplicaError(msg)
    if redis_conf(gateway) is None:
        msg = (
            f"expected {USUAL_CONF} in {gateway.directory}, found none, nor a Compose file that has Redis and its"
            " settings; a replica of Redis is made from it"
        )
        raise ReplicaError(msg)
    for name in ("api", "worker"):
        if name not in gateway.replica.services:
            msg = (
                f"expected [replica.services.{name}] with a command in gateway.toml of {gateway.directory}, found none"
            )
            raise ReplicaError(msg)
    if not addresses.listening(gateway):
        msg = (
            f"expected `listen` with a port in {gateway.directory / main_settings(gateway)}, or what it includes, found"
            " none; say where nginx listens"
        )
        raise ReplicaError(msg)
