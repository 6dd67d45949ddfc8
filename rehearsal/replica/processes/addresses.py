"""Where the servers of a replica listen, and how commands written for the runbook's addresses reach a plain replica."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from rehearsal.gateway.aliases import aliases
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.nginx_files import settings_of_nginx

_LISTEN = re.compile(r"(?:^|[\s{;])listen\s+(?:\[[^\]]*\]:|[\w.*]+:)?(\d+)\b")
SMTP = 1025
_HTTP = 80
_FOLDERS = (
    "/etc/nginx",
    "/usr/local/etc/redis",
    "/var/log",
    "/var/cache/nginx",
    "/var/run",
    "/run",
    "/data",
    "/tmp",
    "/var/tmp",
)
_HERE = r"(?:localhost|127\.0\.0\.1)"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Port of the runbook -> port of the replica: the same in namespaces, free ones in the plain arrangement."""

    web: dict[int, int]
    api: int
    postgres: int
    redis: int
    smtp: int

    def port(self, asked: int) -> int | None:
        """Return where a port of the gateway's web server is; None where it has no such port."""
        return self.web.get(asked)


def as_written(gateway: Gateway) -> Addresses:
    """Return the ports that the gateway directory names."""
    web = listening(gateway)
    return Addresses({port: port for port in web}, api_port(gateway), gateway.postgres.port, gateway.redis.port, SMTP)


def free(gateway: Gateway) -> Addresses:
    """Choose free ports of the machine's loopback."""
    web = listening(gateway)
    with ExitStack() as held:
        ports = [_free_port(held) for _ in range(len(web) + 4)]
    api, postgres, redis, smtp, *rest = ports
    return Addresses(dict(zip(web, rest, strict=True)), api, postgres, redis, smtp)


def listening(gateway: Gateway) -> list[int]:
    """Return the ports that nginx listens on, as its configuration says."""
    return sorted({int(port) for text in settings_of_nginx(gateway) for port in _LISTEN.findall(text)})


def api_port(gateway: Gateway) -> int:
    """Return the port of the API; 3000 where gateway.toml names none."""
    part = gateway.replica.services.get("api")
    return part.port if part and part.port else 3000


def replacements(
    gateway: Gateway, to: Addresses, root: str, more_folders: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Return what is replaced in scripts and settings, so that they mean a plain replica below `root`.

    `more_folders` are moved there beside those that every gateway has.
    """
    pairs: list[tuple[str, str]] = []
    for scheme, default in (("http", 80), ("https", 443)):
        for port, own in to.web.items():
            shown = rf"(?::{port})?(?!:?\d)" if port == default else rf":{port}\b"
            pairs.append((rf"{scheme}://{_HERE}{shown}(?=[/\s\"']|$)", f"{scheme}://localhost:{own}"))
    listens = "".join(settings_of_nginx(gateway))
    for port, own in to.web.items():
        if re.search(rf"(?:^|[\s{{;])listen\s+(?:[\w.*]+:)?{port}\b", listens):
            # Beside it the same port of IPv6 would become the same address twice.
            pairs.append((rf"((?:^|[\s{{;]))listen\s+\[[^\]]*\]:{port}\b[^;]*;", r"\g<1>"))
        pairs.append((rf"((?:^|[\s{{;])listen\s+)(?:\[[^\]]*\]:|[\w.*]+:)?{port}\b", rf"\g<1>127.0.0.1:{own}"))
    apis = "|".join(map(re.escape, ["api", *(name for name, service in aliases(gateway).items() if service == "api")]))
    pairs.append((rf"\b(?:{apis}):{api_port(gateway)}\b", f"127.0.0.1:{to.api}"))
    pairs.append((rf"(?<![\w.]){gateway.postgres.port}(?![\w.])", str(to.postgres)))
    pairs.append((rf"(?<![\w.]){gateway.redis.port}(?![\w.])", str(to.redis)))
    if _HTTP in to.web:
        pairs.append((rf"(?<![\w.:/@-]){_HERE}(?=/)", f"localhost:{to.web[_HTTP]}"))
    # A folder that the runbook names becomes one of the replica. In one pass: what was replaced may begin with /tmp.
    names = "|".join(map(re.escape, sorted({*_FOLDERS, *more_folders}, key=len, reverse=True)))
    pairs.append((rf"(?<![\w./])(?!{re.escape(root)})({names})(?=[/\s;\"'):]|$)", rf"{root}\g<1>"))
    return tuple(pairs)


def _free_port(held: ExitStack) -> int:
    # All are held until all are chosen, or the same one would come twice.
    chosen = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    chosen.bind(("127.0.0.1", 0))
    return int(chosen.getsockname()[1])
