"""A gateway's Compose file, as far as it is asked: its services, each with what is said of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import yaml

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""In the order in which Compose looks for them."""
_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash")


class Mount(NamedTuple):
    """What a container sees at a place."""

    source: str
    """A folder, which has a `/`, or the name of a volume; empty for a volume without one, which its container takes."""
    target: str


class ComposeFileError(Exception):
    """A Compose file that is none: one sentence with its line."""


class _Loader(yaml.SafeLoader):
    """Takes Compose's own tags, `!reset` and `!override`, for what they are put before."""


def _untagged(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:  # noqa: ANN401  a part of any document
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _untagged)


def compose_file(directory: Path) -> Path | None:
    """Return the file that Compose would take; None where there is none."""
    return next((directory / name for name in _NAMES if (directory / name).is_file()), None)


def read_services(directory: Path) -> dict[str, Mapping[str, Any]]:
    """Return what is said of each service, by its name in the order of the file; none where there is no Compose file.

    Raises ComposeFileError.
    """
    file = compose_file(directory)
    if file is None:
        return {}
    about = file.stat()
    return _read(file, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=8)
def _read(file: Path, _changed: int, _size: int) -> dict[str, Mapping[str, Any]]:
    # It is asked for many things, and reading YAML takes a hundredth of a second each time.
    try:
        # The class is a SafeLoader.
        document = yaml.load(file.read_text(encoding="utf-8", errors="replace"), Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        msg = f"{file.name}{line}: expected YAML, found: {getattr(error, 'problem', None) or 'another text'}"
        raise ComposeFileError(msg) from None
    services = document.get("services") if isinstance(document, Mapping) else None
    if not isinstance(services, Mapping):
        msg = f"{file.name}: expected `services` with a service each, found none"
        raise ComposeFileError(msg)
    return {str(name): said if isinstance(said, Mapping) else {} for name, said in services.items()}


def services(directory: Path) -> dict[str, Mapping[str, Any]]:
    """Return the same for those who can do without: none where the file is no Compose file."""
    try:
        return read_services(directory)
    except ComposeFileError:
        return {}


def mounts(said: Mapping[str, Any]) -> Iterator[Mount]:
    """Yield what a service is shown, in both ways of writing it; a `tmpfs` is nothing that stays."""
    for one in said.get("volumes") or ():
        if isinstance(one, Mapping):
            if one.get("type") != "tmpfs":
                yield Mount(str(one.get("source") or ""), str(one.get("target") or "").rstrip("/"))
            continue
        source, colon, rest = str(one).partition(":")
        target = rest.partition(":")[0] if colon else source
        yield Mount(source if colon else "", target.rstrip("/"))


def shown_file(directory: Path, said: Mapping[str, Any], inside: str) -> Path | None:
    """Return the gateway's own file that a service sees at a place; None where that is no file of the gateway's."""
    place = PurePosixPath(inside)
    for mount in mounts(said) if inside else ():
        if mount.source.startswith(".") and PurePosixPath(mount.target) in (place, *place.parents):
            file = directory / mount.source / place.relative_to(mount.target)
            if file.is_file():
                return file
    return None


def words(said: Mapping[str, Any]) -> list[str]:
    """Return the command of a service in words; that of a shell, `sh -c 'exec redis-server ...'`, as the shell's."""
    command = said.get("command") or []
    try:
        found = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
        if found and found[0] in _SHELLS and "-c" in found[1:3]:
            found = shlex.split(found[found.index("-c") + 1 :][0])
    except (ValueError, IndexError, TypeError):
        return []
    return found


def environment(said: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a service as its file says it, `${NAME}` as it stands there."""
    given = said.get("environment") or {}
    pairs = given.items() if isinstance(given, Mapping) else (str(one).partition("=")[::2] for one in given)
    return {str(name): "" if value is None else str(value) for name, value in pairs}
