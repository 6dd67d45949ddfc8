"""Draws the plan of a replica from a gateway directory."""

from __future__ import annotations

import os
import re
import signal
import site
import stat
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psutil

import rehearsal
from rehearsal.gateway.description import Gateway, ServicePart
from rehearsal.replica import token
from rehearsal.replica.processes import addresses, template
from rehearsal.replica.processes.addresses import Addresses
from rehearsal.replica.processes.certificate import Certificate
from rehearsal.replica.processes.plan import Plan, ServicePlan, StorePlan
from rehearsal.replica.processes.programs import Programs
from rehearsal.replica.processes.standins import refuse
from rehearsal.replica.protocol import ReplicaError

PACKAGE = Path(__file__).parent
PROJECT = Path(rehearsal.__file__).parent
PACKAGES = Path(psutil.__file__).parent.parent
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MIME_TYPES = "types { text/html html; text/css css; text/plain txt; application/json json; image/png png; }\n"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords of one replica, made for it; never those of a live gateway."""

    postgres: str = field(repr=False)
    redis: str = field(repr=False)
    """Empty where the gateway's Redis has none."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a plan is drawn from."""

    gateway: Gateway
    programs: Programs
    isolation: Literal["namespaces", "plain"]
    root: str
    """Empty in namespaces."""
    ports: Addresses
    secrets: Secrets
    certificate: Certificate

    @property
    def project(self) -> str:
        """The name of the Compose project."""
        return re.sub(r"[^a-z0-9]+", "-", self.gateway.name.lower()).strip("-") or "gateway"

    @property
    def directory(self) -> str:
        """Where the copy of the gateway directory lies."""
        return f"{self.root}/srv/{self.project}"

    @property
    def sockets(self) -> str:
        """The folder of PostgreSQL's socket."""
        return f"{self.root}/run/postgresql"

    def plan(self) -> Plan:
        """Draw the whole plan. Raises ReplicaError that names what the gateway directory lacks."""
        _check(self.gateway)
        given = self.gateway.replica
        return Plan(
            project=self.project,
            isolation=self.isolation,
            root=self.root,
            source=str(self.gateway.directory.resolve()),
            directory=self.directory,
            cpus=given.cpus,
            memory_mib=given.memory_mib,
            disk_mib=given.disk_mib,
            binds=_binds(self.programs),
            copies=self._copies(),
            hosts=hosts(self.gateway),
            folders=self._folders(),
            files=self._files(),
            links=self._links(),
            replacements=self._replacements(),
            operator=self._operator(),
            store=self._store(),
            services=(
                self._postgres(),
                self._redis(),
                self._nginx(),
                self._sink(),
                self._own("api"),
                self._own("worker"),
            ),
        )

    @property
    def postgres_programs(self) -> str:
        """The folder of PostgreSQL's programs, as the server's user reaches it."""
        return f"{self._copies()[0][1]}/bin" if self._copies() else str(self.programs.postgres)

    def _copies(self) -> tuple[tuple[str, str], ...]:
        programs = self.programs.postgres
        if not self.root or os.geteuid() != 0 or _reachable(programs):
            return ()
        # The tree keeps its shape: the programs look for their libraries beside it.
        tree, libraries = programs.parent, programs.parent.parent.parent / f"{programs.parent.parent.name}.libs"
        place = f"{self.root}/opt/{programs.parent.parent.name}"
        more = ((str(libraries), f"{place}.libs"),) if libraries.is_dir() else ()
        return ((str(tree), f"{place}/{tree.name}"), *more)

    def _folders(self) -> tuple[str, ...]:
        inside: tuple[str, ...] = (
            "run/postgresql",
            "run/rehearsal/logs",
            "var/log/nginx",
            "var/cache/nginx/logs",
            "var/lib/postgresql",
        )
        inside += ("tmp", "var/tmp", "home/operator", "etc")
        own = ("backups", "redis-backups", "redis-data", "logs", "ssl")
        return (*(f"{self.root}/{name}" for name in inside), *(f"{self.directory}/{name}" for name in own))

    def _files(self) -> dict[str, str]:
        own, python = f"{self.root}/run/rehearsal/bin", self.programs.python
        start = f'#!{python} -IS\nimport sys\nsys.path.insert(0, "{PROJECT.parent}")\n'
        module = "from rehearsal.replica.processes.standins.{0} import main\nmain({1})\n"
        nginx = f"{self.programs.nginx} -p {self.root}/var/cache/nginx -c {self.root}/etc/nginx/nginx.conf"
        files = {
            f"{self.directory}/ssl/cert.pem": self.certificate.certificate,
            f"{self.directory}/ssl/key.pem": self.certificate.key,
            f"{self.directory}/nginx/mime.types": _MIME_TYPES,
            f"{own}/docker": start + module.format("docker", ""),
            f"{own}/docker-compose": start + module.format("compose", ""),
            f"{own}/nginx": f'#!/bin/sh\nexec {nginx} "$@"\n',
        }
        if self.programs.redis_cli is None or self.root:
            files[f"{own}/redis-cli"] = start + module.format("redis_cli", "")
        if self.root:
            files |= {f"{own}/{name}": start + module.format("refuse", "") for name in refuse.NAMES}
        else:
            files[f"{own}/df"] = (PACKAGE / "standins" / "df.sh").read_text()
        return files

    def _links(self) -> dict[str, str]:
        own, root = f"{self.root}/run/rehearsal/bin", self.root
        links = {
            f"{own}/redis-server": str(self.programs.redis),
            f"{self.directory}/nginx/ssl": "../ssl",
            f"{root}/data": f"{self.directory}/redis-data",
            f"{root}/var/log/nginx/access.log": "/dev/stdout",
            f"{root}/var/log/nginx/error.log": "/dev/stderr",
            f"{root}/var/cache/nginx/access.log": "/dev/stdout",
            f"{root}/var/run": f"{root}/run",
        }
        if not root:
            links["/etc/nginx"] = f"{self.directory}/nginx"
            links["/usr/local/etc/redis"] = f"{self.directory}/redis"
        return links

    def _replacements(self) -> tuple[tuple[str, str], ...]:
        return addresses.replacements(self.gateway, self.ports, self.root) if self.root else ()

    def _base(self) -> dict[str, str]:
        folders = (f"{self.root}/run/rehearsal/bin", self.postgres_programs, self.programs.python.parent, _PATH)
        return {
            "PATH": ":".join(map(str, folders)),
            "HOME": f"{self.root}/home/operator",
            "TMPDIR": f"{self.root}/tmp",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "REHEARSAL_CONTROL": f"{self.root}/run/rehearsal/control",
            "REHEARSAL_PROJECT": self.project,
            "REHEARSAL_ROOT": self.root,
        }

    def _addresses(self, postgres: str, redis: str, smtp: str) -> dict[str, str]:
        here = "127.0.0.1" if self.root else ""
        return {
            "DB_HOST": here or postgres,
            "DB_PORT": str(self.ports.postgres),
            "DB_USER": self.gateway.postgres.user,
            "DB_NAME": self.gateway.postgres.database,
            "DB_PASSWORD": self.secrets.postgres,
            "REDIS_HOST": here or redis,
            "REDIS_PORT": str(self.ports.redis),
            "REDIS_PASSWORD": self.secrets.redis,
            "SMTP_HOST": here or smtp,
            "SMTP_PORT": str(self.ports.smtp),
        }

    def _operator(self) -> dict[str, str]:
        trusted = f"{self.directory}/ssl/cert.pem"
        return {
            **self._base(),
            **self._addresses("localhost", "localhost", "localhost"),
            "USER": "operator",
            "LOGNAME": "operator",
            "SHELL": "/bin/bash",
            "TERM": "dumb",
            # The certificate is the replica's own; a live one is signed by somebody whom curl knows.
            "CURL_CA_BUNDLE": trusted,
            "SSL_CERT_FILE": trusted,
            "REHEARSAL_REDIS_PORT": str(self.ports.redis),
        }

    def _store(self) -> StorePlan:
        settings, programs = self.gateway.postgres, self.postgres_programs
        data = f"{self.root}/var/lib/postgresql/data"
        names = [name for name in (settings.database, token.DATABASE) if name != "postgres"]
        locale = template.locale()
        return StorePlan(
            data=data,
            template=str(template.path(self.programs.postgres, settings.user, names, locale)),
            initdb=(
                *(f"{programs}/initdb", "-D", data, "-U", settings.user, "--encoding=UTF8", f"--locale={locale}"),
                *("--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "--no-instructions"),
            ),
            single=(f"{programs}/postgres", "--single", "-D", data, "template1"),
            statements="".join(f'CREATE DATABASE "{name.replace(chr(34), chr(34) * 2)}"\n' for name in names),
            redis_data=f"{self.directory}/redis-data",
        )

    def _postgres(self) -> ServicePlan:
        settings, data = self.gateway.postgres, f"{self.root}/var/lib/postgresql/data"
        environment = {
            **self._base(),
            "PGDATA": data,
            "PGHOST": self.sockets,
            "PGPORT": str(self.ports.postgres),
            "POSTGRES_USER": settings.user,
            "POSTGRES_DB": settings.database,
        }
        # A replica lives as long as its run: what is not flushed is lost with the machine only, never by SIGKILL.
        argv: tuple[str, ...] = ("-D", data, "-k", self.sockets, "-p", str(self.ports.postgres))
        argv += ("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "timezone=UTC", "-c", "log_timezone=UTC")
        return ServicePlan(
            name="postgres",
            argv=(f"{self.postgres_programs}/postgres", *argv),
            directory=self.root or "/",
            environment=environment,
            probe="postgres",
            port=self.ports.postgres,
            container_port=5432,
            stop_signal=signal.SIGINT,
            unprivileged=True,
        )

    def _redis(self) -> ServicePlan:
        settings = [f"requirepass {self.secrets.redis}"] if self.secrets.redis else []
        path = "/usr/local/etc/redis/redis.conf"
        rewritten: tuple[str, ...] = ()
        if self.root:
            path = f"{self.root}/etc/redis/redis.conf"
            rewritten = (f"{self.directory}/redis:{self.root}/etc/redis",)
            settings += [f"port {self.ports.redis}", "bind 127.0.0.1", f"dir {self.root}/data"]
        return ServicePlan(
            name="redis",
            argv=(str(self.programs.redis), path, *(("-",) if settings else ())),
            directory=f"{self.root}/data",
            environment={**self._base(), "REHEARSAL_REDIS_PORT": str(self.ports.redis)},
            settings="".join(f"{line}\n" for line in settings),
            probe="redis",
            port=self.ports.redis,
            container_port=6379,
            early=True,
            rewritten=rewritten,
        )

    def _nginx(self) -> ServicePlan:
        return ServicePlan(
            name="nginx",
            argv=(f"{self.root}/run/rehearsal/bin/nginx", "-g", "daemon off;"),
            directory=f"{self.root}/var/cache/nginx",
            environment=self._base(),
            probe="tcp",
            port=next(iter(self.ports.web.values())),
            container_port=next(iter(self.ports.web)),
            stop_signal=signal.SIGQUIT,
            early=True,
            rewritten=(f"{self.directory}/nginx:{self.root}/etc/nginx",) if self.root else (),
        )

    def _sink(self) -> ServicePlan:
        return ServicePlan(
            name="smtp",
            argv=(
                *(str(self.programs.python), "-IS", str(PACKAGE / "sink.py")),
                *(str(self.ports.smtp), f"{self.root}/run/rehearsal/mails"),
            ),
            directory=self.root or "/",
            environment=self._base(),
            probe="tcp",
            port=self.ports.smtp,
            hidden=True,
            early=True,
        )

    def _own(self, name: Literal["api", "worker"]) -> ServicePlan:
        part = self.gateway.replica.services[name]
        is_api = name == "api"
        return ServicePlan(
            name=name,
            argv=tuple(self._word(word, part) for word in part.command),
            directory=str(Path(self.directory, part.directory)),
            environment={
                **self._base(),
                **self._addresses("postgres", "redis", "smtp"),
                "PYTHONUNBUFFERED": "1",
                **({"PORT": str(self.ports.api)} if is_api else {}),
                **part.environment,
            },
            probe="tcp" if is_api else "",
            port=self.ports.api if is_api else 0,
            container_port=addresses.api_port(self.gateway) if is_api else 0,
        )

    def _word(self, word: str, part: ServicePart) -> str:
        if word == "python":
            return str(self.programs.python)
        if self.root and part.port:
            return re.sub(rf"(?<![\w.]){part.port}(?![\w.])", str(self.ports.api), word)
        return word


def _reachable(path: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in path.resolve().parents)


def hosts(gateway: Gateway) -> tuple[str, ...]:
    """Return the names that mean the gateway: those of the stack's services, and those of its URLs."""
    of_urls = (urlsplit(url).hostname or "" for url in (gateway.http.url, gateway.http.https_url))
    named = [name for name in of_urls if re.search("[a-z]", name) and name != "localhost"]
    return tuple(dict.fromkeys(["nginx", "api", "worker", "postgres", "redis", "smtp", *named]))


def _check(gateway: Gateway) -> None:
    for needed, why in (("nginx/nginx.conf", "nginx"), ("redis/redis.conf", "Redis")):
        if not (gateway.directory / needed).is_file():
            msg = f"expected {needed} in {gateway.directory}, found none; a replica of {why} is made from it"
            raise ReplicaError(msg)
    for name in ("api", "worker"):
        if name not in gateway.replica.services:
            msg = (
                f"expected [replica.services.{name}] with a command in gateway.toml of {gateway.directory}, found none"
            )
            raise ReplicaError(msg)
    if not addresses.listening(gateway):
        msg = (
            f"expected `listen` with a port in {addresses.nginx_settings(gateway)}, found none; say where nginx listens"
        )
        raise ReplicaError(msg)


def _binds(programs: Programs) -> tuple[tuple[str, str], ...]:
    # What Python and the servers need, and nothing else of the machine: no home, no project beside its package.
    places: list[str | Path] = [sys.prefix, sys.base_prefix, PROJECT, programs.postgres.parent, PACKAGES]
    places += [programs.redis.parent, programs.nginx.parent]
    places += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    if site.getusersitepackages() in sys.path:
        places.append(site.getusersitepackages())
    if programs.redis_cli is not None:
        places.append(programs.redis_cli.resolve().parent)
    # Shown where it is named; taken from where it is, because a link would lead astray in another root.
    chosen = {Path(place).absolute() for place in places} | {Path(place).resolve() for place in places}
    chosen = {place for place in chosen if place.is_dir() and place != Path("/")}
    # The outer of two nested ones shows both.
    outer = sorted(str(one) for one in chosen if not any(other in one.parents for other in chosen))
    return tuple((str(Path(place).resolve()), place) for place in outer)
