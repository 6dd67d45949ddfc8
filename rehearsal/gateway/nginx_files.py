"""Which files of its directory a gateway shows to nginx: as its Compose file says, else by their usual names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.mounts import shown_to

HOME = "/etc/nginx"
MAIN = f"{HOME}/nginx.conf"
_USUAL = {HOME: PurePosixPath("nginx"), f"{HOME}/ssl": PurePosixPath("ssl")}
_COMMENT = re.compile(r"#.*")
_MOST_BYTES = 1 << 20
_NO_SETTINGS = (".pem", ".key", ".crt", ".csr")


def shown(gateway: Gateway) -> dict[str, PurePosixPath]:
    """Return what nginx sees, by its own absolute path, as a path relative to the gateway directory."""
    return _USUAL | {mount.target: own for mount, own in shown_to(gateway, "nginx")}


def more_shown(gateway: Gateway) -> dict[str, PurePosixPath]:
    """Return the same without what lies there by its usual name anyway."""
    return {
        target: own
        for target, own in shown(gateway).items()
        if target not in _USUAL and own != _USUAL[HOME] / target.removeprefix(f"{HOME}/")
    }


def place_of(gateway: Gateway, path: str) -> PurePosixPath | None:
    """Return where a file that nginx reads lies below the gateway directory; None where it lies elsewhere."""
    seen = shown(gateway)
    for target in sorted(seen, key=len, reverse=True):
        if path == target or path.startswith(f"{target}/"):
            return seen[target] / path.removeprefix(target).lstrip("/")
    return None


def main_settings(gateway: Gateway) -> PurePosixPath:
    """Return where `nginx.conf` lies, or would lie, below the gateway directory."""
    return place_of(gateway, MAIN) or _USUAL[HOME] / "nginx.conf"


def settings_of_nginx(gateway: Gateway) -> Iterator[str]:
    """Yield the text of each file of settings that the gateway directory has for nginx, without comments."""
    own = [gateway.directory / own for target, own in shown(gateway).items() if f"{target}/".startswith(f"{HOME}/")]
    files = {path.resolve(): path for place in own for path in _files(place)}
    for path in sorted(files.values()):
        if path.suffix not in _NO_SETTINGS and path.stat().st_size < _MOST_BYTES:
            yield _COMMENT.sub("", path.read_text(errors="replace"))


def _files(place: Path) -> Iterator[Path]:
    yield from (path for path in [place, *place.rglob("*")] if path.is_file())
