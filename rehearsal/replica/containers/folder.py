"""The folder of a replica of containers: the copy of the gateway directory, and what the containers share."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.mounts import USUAL, live_data, redis_folder
from rehearsal.gateway.nginx_files import home, made_of_templates, main_settings, more_shown
from rehearsal.gateway.redis_flags import USUAL_CONF, redis_conf
from rehearsal.replica.processes import dotenv, tls
from rehearsal.replica.processes.certificate import Certificate
from rehearsal.replica.processes.furniture import DF, MIME_TYPES, NGINX_CONF
from rehearsal.replica.processes.supervisor.copying import copy_folder
from rehearsal.replica.processes.supervisor.layout import clear_way
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
    packages = _copy(gateway, copy)
    _complete(copy, gateway)
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


def _copy(gateway: Gateway, copy: Path) -> list[str]:
    without = (*live_data(gateway), *tls.own_files(gateway))
    try:
        packages = copy_folder(str(gateway.directory.resolve()), str(copy), without=without)
        for name in packages:
            (copy / name).mkdir()
    except (shutil.Error, OSError) as error:
        msg = f"expected to copy {gateway.directory} into a replica, got: {error}; make the folder readable"
        raise ReplicaError(msg) from None
    return packages


def _complete(copy: Path, gateway: Gateway) -> None:
    """Make what the containers are shown and the gateway directory lacks."""
    data = redis_folder(gateway)
    for name in _MADE:
        (copy / name).mkdir(exist_ok=True)
    if not (copy / data).exists():
        # The volume is shown to the operator by the usual name.
        (copy / data).parent.mkdir(parents=True, exist_ok=True)
        (copy / data).symlink_to(Path(*[".."] * (len(data.parts) - 1), USUAL))
    (copy / home(gateway) / "ssl").mkdir(parents=True, exist_ok=True)
    texts: dict[PurePosixPath, str] = {
        main_settings(gateway): NGINX_CONF,
        home(gateway) / "mime.types": MIME_TYPES,
        PurePosixPath(USUAL_CONF): redis_conf(gateway) or "",
        **made_of_templates(gateway),
    }
    for path, text in texts.items():
        if not (copy / path).exists():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(text)
    for path in more_shown(gateway).values():
        if not (copy / path).exists():
            (copy / path).mkdir(parents=True)


def write_settings(copy: Path, gateway: Gateway, known: Mapping[str, str]) -> None:
    """Write the copy's `.env`, for a gateway that has one."""
    if text := dotenv.dotenv(gateway, known):
        file = copy / dotenv.NAME
        file.touch(0o600)
        file.write_text(text)


def _certify(folder: Path, copy: Path, gateway: Gateway, certificate: Certificate) -> None:
    (folder / "trusted.pem").write_text(certificate.certificate)
    places = {str(copy / "ssl" / "cert.pem"): False, str(copy / "ssl" / "key.pem"): True}
    for place in tls.places(gateway):
        inside = tls.inside(gateway, place.path, str(copy), "")
        places[inside.replace("/etc/letsencrypt", str(folder / "letsencrypt"), 1)] = place.is_key
    for named, is_key in places.items():
        path = Path(named)
        if folder not in path.parents:
            msg = (
                "expected nginx's certificate in a folder that the Compose file shows it, or in /etc/letsencrypt,"
                f" found {named}: change nginx.conf, or use --replica=processes"
            )
            raise ReplicaError(msg)
        # A link on the way may lead to the live gateway's own.
        clear_way(named, str(folder))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(certificate.key if is_key else certificate.certificate)
