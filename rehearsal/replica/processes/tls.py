"""Where a gateway's nginx looks for its certificate: a replica puts its own there, never the live one."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass

from rehearsal.gateway import nginx_files
from rehearsal.gateway.description import Gateway

_CERTIFICATE = re.compile(
    r"(?:^|[\s{;])ssl_certificate(?P<key>_key)?\s+(?P<quote>[\"']?)(?P<path>[^\s;\"'$]+)(?P=quote)\s*;"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A file that nginx reads."""

    path: str
    """Absolute, as nginx sees it."""
    is_key: bool


def places(gateway: Gateway) -> tuple[Place, ...]:
    """Return the files of certificates and keys that nginx's settings name; a relative one is below /etc/nginx."""
    found = [
        Place(os.path.normpath(os.path.join(nginx_files.HOME, match["path"])), match["key"] is not None)  # noqa: PTH118
        for text in nginx_files.settings_of_nginx(gateway)
        for match in _CERTIFICATE.finditer(text)
    ]
    return tuple(dict.fromkeys(found))


def folders_elsewhere(gateway: Gateway) -> tuple[str, ...]:
    """Return the folders of those files that lie outside of nginx's own, such as /etc/letsencrypt/live/gw."""
    found = [os.path.dirname(place.path) for place in places(gateway)]  # noqa: PTH120 - paths of the replica
    return tuple(dict.fromkeys(folder for folder in found if not f"{folder}/".startswith(f"{nginx_files.HOME}/")))


def own_files(gateway: Gateway) -> tuple[str, ...]:
    """Return those that lie below the gateway directory, relative to it: live keys, which no replica gets."""
    return tuple(str(own) for place in places(gateway) if (own := nginx_files.place_of(gateway, place.path)))


def inside(gateway: Gateway, path: str, directory: str, root: str) -> str:
    """Return where a file that nginx reads lies in a replica, whose copy of the gateway directory is `directory`."""
    own = nginx_files.place_of(gateway, path)
    return f"{directory}/{own}" if own else root + path
