"""The folder of a replica of containers: the copy of the gateway directory, and what the containers share."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rehearsal.gateway.aliases import aliases
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.mounts import USUAL, live_data, redis_folder
from rehearsal.gateway.redis_flags import USUAL_CONF, redis_conf
from rehearsal.replica.processes import composed, dotenv, tls
from rehearsal.replica.processes.certificate import Certificate
from rehearsal.replica.processes.furniture import DF, MIME_TYPES
from rehearsal.replica.processes.supervisor.copying import copy_folder
from rehearsal.replica.protocol import ReplicaError

_OPEN = ("sockets", "run", "mails")
"""Written by containers, whose users are none of ours; the folder above them is the run's alone."""
_MADE = ("backups", "redis-backups", "redis-data", "logs", "ssl", "nginx", "redis")
_DISK = "/var/lib/rehearsal/postgres"
_STANDIN = """#!/usr/bin/python3 -I
import sys
sys.path.append("/opt/rehearsal")
from rehearsal.replica.containers.standin import main
main("{name}", "{sockets}")
"""


def fill(folder: Path, gateway: Gateway, certificate: Certificate) -> tuple[Path, list[str]]:
    """Fill the folder, and return where the copy of the gateway directory lies, and which folders it is to be shown.

    Raises ReplicaError.
    """
    for name in (*_OPEN, "bin", "letsencrypt"):
        (folder / name).mkdir()
    for name in _OPEN:
        (folder / name).chmod(0o777)
    # There before the first mail: none is no error.
    (folder / "mails" / "mails").touch()
    (folder / "mails" / "mails").chmod(0o666)
    copy = folder / "srv"
    try:
        data = redis_folder(gateway)
        packages = copy_folder(str(gateway.directory.resolve()), str(copy), without=live_data(gateway))
        for name in packages:
            (copy / name).mkdir()
    except (shutil.Error, OSError) as error:
        msg = f"expected to copy {gateway.directory} into a replica, got: {error}; make the folder readable"
        raise ReplicaError(msg) from None
    for name in _MADE:
        (copy / name).mkdir(exist_ok=True)
    if not (copy / data).exists():
        # The volume is shown to the operator by the usual name.
        (copy / data).parent.mkdir(parents=True, exist_ok=True)
        (copy / data).symlink_to(Path(*[".."] * (len(data.parts) - 1), USUAL))
    (copy / "nginx" / "ssl").mkdir(exist_ok=True)
    if not (copy / "nginx" / "mime.types").exists():
        (copy / "nginx" / "mime.types").write_text(MIME_TYPES)
    if not (copy / USUAL_CONF).exists():
        (copy / USUAL_CONF).write_text(redis_conf(gateway) or "")
    _certify(folder, copy, gateway, certificate)
    # Without a path, `df` speaks of the replica's own disk.
    (folder / "bin" / "df").write_text(
        DF.read_text().replace('"$@" /', f'"$@" {_DISK}').replace("$options /", f"$options {_DISK}")
    )
    (folder / "bin" / "df").chmod(0o755)
    for name in ("docker", "docker-compose"):
        (folder / "bin" / name).write_text(_STANDIN.format(name=name, sockets=folder / "run"))
        (folder / "bin" / name).chmod(0o755)
    return copy, packages


def write_settings(copy: Path, gateway: Gateway, known: Mapping[str, str]) -> None:
    """Write the copy's `.env`, for a gateway that has one."""
    if text := dotenv.dotenv(gateway, known):
        file = copy / dotenv.NAME
        file.touch(0o600)
        file.write_text(text)


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
            "environment": passwords | {key: f"${{{variable(name, key)}}}" for key in part.environment},
            "volumes": brought,
        }
        for name, part in gateway.replica.services.items()
    }
    if "api" in services:
        services["migrate"] = services["api"]
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


def _certify(folder: Path, copy: Path, gateway: Gateway, certificate: Certificate) -> None:
    (folder / "trusted.pem").write_text(certificate.certificate)
    places = {str(copy / "ssl" / "cert.pem"): False, str(copy / "ssl" / "key.pem"): True}
    for place in tls.places(gateway):
        inside = tls.inside(place.path, str(copy), "")
        places[inside.replace("/etc/letsencrypt", str(folder / "letsencrypt"), 1)] = place.is_key
    for named, is_key in places.items():
        path = Path(named)
        if folder not in path.parents:
            msg = (
                f"expected nginx's certificate below ssl/, nginx/ or /etc/letsencrypt, found {named}; in a replica of"
                " containers it is looked for there: change nginx.conf, or use --replica=processes"
            )
            raise ReplicaError(msg)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(0o600)
        path.write_text(certificate.key if is_key else certificate.certificate)
