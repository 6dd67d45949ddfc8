"""What of the machine a sandbox shows, and by which names a replica is known."""

from __future__ import annotations

import re
import shutil
import site
import stat
import sys
import sysconfig
from pathlib import Path
from urllib.parse import urlsplit

import psutil

import rehearsal
from rehearsal.gateway.aliases import aliases
from rehearsal.gateway.description import Gateway
from rehearsal.replica.processes.programs import Programs

PROJECT = Path(rehearsal.__file__).parent
PACKAGES = Path(psutil.__file__).parent.parent


def hosts(gateway: Gateway) -> tuple[str, ...]:
    """Return the names that mean the gateway: those of the stack's services, and those of its URLs."""
    of_urls = (urlsplit(url).hostname or "" for url in (gateway.http.url, gateway.http.https_url))
    named = [name for name in of_urls if re.search("[a-z]", name) and name != "localhost"]
    return tuple(dict.fromkeys(["nginx", "api", "worker", "postgres", "redis", "smtp", *aliases(gateway), *named]))


def reachable(path: Path) -> bool:
    """Tell whether another user may come to a folder: every one above it lets others pass."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in path.resolve().parents)


def runtimes(gateway: Gateway) -> tuple[Path, ...]:
    """Return the folders of the programs that start services, where they are none of the system's: nvm's, pyenv's."""
    commands = [(part.command, part.directory) for part in gateway.replica.services.values()]
    if gateway.replica.migrate:
        commands.append((gateway.replica.migrate, Path()))
    found: list[Path] = []
    for (word, *_), directory in commands:
        place = str(gateway.directory / directory / word) if "/" in word else word
        if word != "python" and (program := shutil.which(place)):
            found += [Path(program).parent, Path(program).resolve().parent]
    own = gateway.directory.resolve()
    return tuple(one for one in dict.fromkeys(found) if own not in (one, *one.resolve().parents) and not _systems(one))


def _systems(folder: Path) -> bool:
    return folder.parts[1:2] in (("usr",), ("bin",), ("sbin",))


def installation(folder: Path) -> Path:
    """Return what a folder of programs belongs to; never a home, nor what lies right below it, such as ~/.local."""
    whole = folder.parent if folder.name == "bin" else folder
    return folder if Path.home() in (whole, whole.parent) or whole == Path("/") else whole


def binds(programs: Programs, gateway: Gateway) -> tuple[tuple[str, str], ...]:
    """Return each folder that a sandbox shows, and where."""
    # What Python and the servers need, and nothing else of the machine: no home, no project beside its package.
    places: list[str | Path] = [sys.prefix, sys.base_prefix, PROJECT, programs.postgres.parent, PACKAGES]
    places += [programs.redis.parent, programs.nginx.parent]
    places += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    if site.getusersitepackages() in sys.path:
        places.append(site.getusersitepackages())
    if programs.redis_cli is not None:
        places.append(programs.redis_cli.resolve().parent)
    places += map(installation, runtimes(gateway))
    # Shown where it is named; taken from where it is, because a link would lead astray in another root.
    chosen = {Path(place).absolute() for place in places} | {Path(place).resolve() for place in places}
    chosen = {place for place in chosen if place.is_dir() and place != Path("/")}
    # The outer of two nested ones shows both.
    outer = sorted(str(one) for one in chosen if not any(other in one.parents for other in chosen))
    return tuple((str(Path(place).resolve()), place) for place in outer)
