"""Which files of its directory a gateway shows to nginx: as its Compose file says, else by their usual names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.mounts import shown_to
from rehearsal.gateway.nginx_templates import SUFFIX, filled_in

HOME = "/etc/nginx"
MAIN = f"{HOME}/nginx.conf"
_USUAL, _SSL = PurePosixPath("nginx"), PurePosixPath("ssl")
_OF_THE_IMAGE = PurePosixPath(".nginx-image")
"""Made in a replica where ./nginx is shown as a part of /etc/nginx: the rest is the image's."""
_COMMENT = re.compile(r"#.*")
_MOST_BYTES = 1 << 20
_NO_SETTINGS = (".pem", ".key", ".crt", ".csr")
_ERROR_LOG = re.compile(r"(?<![\w-])error_log\s+([^;]+?)\s*;")
_NOWHERE = re.compile(r"^/dev/null\b|\s(?:crit|alert|emerg)$")
"""A refused connection to the API is an `error`."""


def shown(gateway: Gateway) -> dict[str, PurePosixPath]:
    """Return what nginx sees, by its own absolute path, as a path relative to the gateway directory."""
    seen = {mount.target: own for mount, own in shown_to(gateway, "nginx")}
    base = _OF_THE_IMAGE if {_USUAL, *_USUAL.parents} & {*seen.values()} else _USUAL
    return {HOME: base, f"{HOME}/ssl": _SSL} | seen


def home(gateway: Gateway) -> PurePosixPath:
    """Return what nginx sees as /etc/nginx, relative to the gateway directory; a replica makes it where it is not."""
    return shown(gateway)[HOME]


def more_shown(gateway: Gateway) -> dict[str, PurePosixPath]:
    """Return the same without /etc/nginx itself, and without what lies there anyway."""
    seen = shown(gateway)
    found = {target: own for target, own in seen.items() if target != HOME and (target, own) != (f"{HOME}/ssl", _SSL)}
    return {target: own for target, own in found.items() if own != seen[HOME] / target.removeprefix(f"{HOME}/")}


def place_of(gateway: Gateway, path: str) -> PurePosixPath | None:
    """Return where a file that nginx reads lies below the gateway directory; None where it lies elsewhere."""
    seen = shown(gateway)
    for target in sorted(seen, key=len, reverse=True):
        if path == target or path.startswith(f"{target}/"):
            return seen[target] / path.removeprefix(target).lstrip("/")
    return None


def main_settings(gateway: Gateway) -> PurePosixPath:
    """Return where `nginx.conf` lies, or would lie, below the gateway directory."""
    return place_of(gateway, MAIN) or home(gateway) / "nginx.conf"


def made_of_templates(gateway: Gateway) -> dict[PurePosixPath, str]:
    """Return the settings that nginx' image makes of templates as it starts, by their path in the gateway directory."""
    source = place_of(gateway, f"{HOME}/templates")
    if source is None:
        return {}
    folder, made = gateway.directory / source, {}
    for path in sorted(folder.rglob(f"*{SUFFIX}")):
        name = path.relative_to(folder).as_posix().removesuffix(SUFFIX)
        if place := place_of(gateway, f"{HOME}/conf.d/{name}"):
            made[place] = filled_in(path.read_text(errors="replace"), gateway)
    return made


def settings_of_nginx(gateway: Gateway) -> Iterator[str]:
    """Yield the text of each file of settings that the gateway directory has for nginx, without comments."""
    for text in made_of_templates(gateway).values():
        yield _COMMENT.sub("", text)
    own = [gateway.directory / own for target, own in shown(gateway).items() if f"{target}/".startswith(f"{HOME}/")]
    files = {path.resolve(): path for place in own for path in _files(place)}
    for path in sorted(files.values()):
        if path.suffix not in (*_NO_SETTINGS, SUFFIX) and path.stat().st_size < _MOST_BYTES:
            yield _COMMENT.sub("", path.read_text(errors="replace"))


def hides_errors(gateway: Gateway) -> str:
    """Return the setting by which nginx writes none of its usual errors anywhere; empty where it does."""
    said = [one for text in settings_of_nginx(gateway) for one in _ERROR_LOG.findall(text)]
    hidden = [one for one in said if _NOWHERE.search(one)]
    return hidden[0] if hidden and len(hidden) == len(said) else ""


def lists_folders(gateway: Gateway) -> bool | None:
    """Tell whether nginx shows lists of files; None where the gateway directory has no settings for it."""
    texts = [*settings_of_nginx(gateway)]
    return any(re.search(r"(?:^|[\s{;])autoindex\s+on\s*;", text) for text in texts) if texts else None


def _files(place: Path) -> Iterator[Path]:
    yield from (path for path in [place, *place.rglob("*")] if path.is_file())
