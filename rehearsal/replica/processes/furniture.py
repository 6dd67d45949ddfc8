"""The folders, files and links that a replica has beside the copy of the gateway directory."""

from __future__ import annotations

from pathlib import Path

from rehearsal.gateway.mounts import USUAL, redis_folder
from rehearsal.gateway.nginx_files import HOME, home, made_of_templates, main_settings, more_shown
from rehearsal.gateway.redis_flags import USUAL_CONF, redis_conf
from rehearsal.replica.processes import dotenv, tls
from rehearsal.replica.processes.blueprint import Blueprint
from rehearsal.replica.processes.environment import addresses, operator
from rehearsal.replica.processes.standins import refuse
from rehearsal.replica.processes.visible import PROJECT

DF = Path(__file__).parent / "standins" / "df.sh"
NGINX_CONF = (Path(__file__).parent / "standins" / "nginx.conf").read_text()
MIME_TYPES = "types { text/html html; text/css css; text/plain txt; application/json json; image/png png; }\n"


def folders(drawn: Blueprint) -> tuple[str, ...]:
    """Return the folders that are made."""
    inside: tuple[str, ...] = (
        "run/postgresql",
        "run/rehearsal/logs",
        "var/log/nginx",
        "var/cache/nginx/logs",
        "var/lib/postgresql",
    )
    inside += ("tmp", "var/tmp", "home/operator", "etc")
    own = ["backups", "redis-backups", redis_folder(drawn.gateway), "logs", "ssl"]
    own += [one for one in more_shown(drawn.gateway).values() if not (drawn.gateway.directory / one).exists()]
    return (
        *(path for name in inside if not _is_shown(drawn, path := f"{drawn.root}/{name}")),
        *(f"{drawn.directory}/{name}" for name in own),
    )


def files(drawn: Blueprint) -> dict[str, str]:
    """Return the files that are made, with their content."""
    own, python = f"{drawn.root}/run/rehearsal/bin", drawn.programs.python
    # Known to a stand-in whatever environment it is called with: cron gives it none.
    known = {name: value for name, value in operator(drawn).items() if name.startswith("REHEARSAL_")}
    start = (
        f"#!{python} -IS\nimport os, sys\nos.environ.update({{**{known!r}, **os.environ}})\n"
        f'sys.path.append("{PROJECT.parent}")\n'
    )
    module = "from rehearsal.replica.processes.standins.{0} import main\nmain({1})\n"
    nginx = f"{drawn.programs.nginx} -p {drawn.root}/var/cache/nginx -c {drawn.root}/etc/nginx/nginx.conf"
    settings = dotenv.dotenv(drawn.gateway, addresses(drawn, "localhost", "localhost", "localhost"))
    made = {
        **({f"{drawn.directory}/{dotenv.NAME}": settings} if settings else {}),
        f"{drawn.directory}/{main_settings(drawn.gateway)}": NGINX_CONF,
        f"{drawn.directory}/{home(drawn.gateway)}/mime.types": MIME_TYPES,
        f"{drawn.directory}/{USUAL_CONF}": redis_conf(drawn.gateway) or "",
        **{f"{drawn.directory}/{path}": text for path, text in made_of_templates(drawn.gateway).items()},
        f"{own}/docker": start + module.format("docker", ""),
        f"{own}/docker-compose": start + module.format("compose", ""),
        f"{own}/nginx": f'#!/bin/sh\nexec {nginx} "$@"\n',
    }
    # The server is both of its own checkers, by the name that it is called by.
    for checker in ("redis-check-rdb", "redis-check-aof"):
        made[f"{own}/{checker}"] = f'#!/bin/bash\nexec -a {checker} {drawn.programs.redis} "$@"\n'
    if drawn.programs.redis_cli is None or drawn.root:
        made[f"{own}/redis-cli"] = start + module.format("redis_cli", "")
    if drawn.root:
        made |= {f"{own}/{name}": start + module.format("refuse", "") for name in refuse.NAMES}
    else:
        made[f"{own}/df"] = DF.read_text()
    return made


def certificates(drawn: Blueprint) -> dict[str, str]:
    """Return the files of the replica's certificate, wherever nginx looks for one: a live one is never used."""
    made = {
        f"{drawn.directory}/ssl/cert.pem": drawn.certificate.certificate,
        f"{drawn.directory}/ssl/key.pem": drawn.certificate.key,
    }
    for place in tls.places(drawn.gateway):
        path = tls.inside(drawn.gateway, place.path, drawn.directory, drawn.root)
        made[path] = drawn.certificate.key if place.is_key else drawn.certificate.certificate
    return made


def links(drawn: Blueprint) -> dict[str, str]:
    """Return the links that are made, with what they point to."""
    own, root, data = f"{drawn.root}/run/rehearsal/bin", drawn.root, redis_folder(drawn.gateway)
    made = {
        f"{own}/redis-server": str(drawn.programs.redis),
        f"{drawn.directory}/{home(drawn.gateway)}/ssl": f"{drawn.directory}/ssl",
        f"{root}/data": f"{drawn.directory}/{data}",
        # Where the drills look for it.
        f"{drawn.directory}/{USUAL}": str(data),
        f"{root}/var/log/nginx/access.log": "/dev/stdout",
        f"{root}/var/log/nginx/error.log": "/dev/stderr",
        f"{root}/var/cache/nginx/access.log": "/dev/stdout",
        f"{root}/var/run": f"{root}/run",
    }
    if not root:
        made[HOME] = f"{drawn.directory}/{home(drawn.gateway)}"
        made["/usr/local/etc/redis"] = f"{drawn.directory}/redis"
    return {path: target for path, target in made.items() if not _is_shown(drawn, path)} | _shown(drawn)


def _shown(drawn: Blueprint) -> dict[str, str]:
    """Return the links by which nginx sees what the Compose file shows it of the gateway directory."""
    made = {}
    for target, own in more_shown(drawn.gateway).items():
        below = target.removeprefix(f"{HOME}/")
        place = f"{drawn.root}{target}" if below == target else f"{drawn.directory}/{home(drawn.gateway)}/{below}"
        made[place] = f"{drawn.directory}/{own}"
    return made


def _is_shown(drawn: Blueprint, path: str) -> bool:
    return any(f"{path}/".startswith(f"{drawn.root}{target}/") for target in more_shown(drawn.gateway))
