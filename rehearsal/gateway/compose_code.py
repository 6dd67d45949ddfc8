"""Whether an update brings its new code into containers that are made from an image: what a Compose file says of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from rehearsal.gateway.aliases import service_of
from rehearsal.gateway.compose_file import mounts, services
from rehearsal.gateway.description import Gateway

_COMPOSE = r"\b(?:docker-compose|docker\s+compose)\b[^|;&\n]*\s"
_MAKES = re.compile(_COMPOSE + r"(?:up|create)\b")
_STARTS = re.compile(_COMPOSE + r"(?:restart|start)\b|\bdocker\s+(?:restart|start)\b")
_BUILDS = re.compile(
    _COMPOSE + r"(?:build\b|up\b[^|;&\n]*--build\b)|\bdocker\s+(?:buildx\s+)?build\b|\bbake\b|" + _COMPOSE + "pull"
)
_IMAGE = re.compile(_COMPOSE + r"build\b|\bdocker\s+(?:buildx\s+)?build\b")
_CODE = (".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".go", ".java", ".php")


def why_code_stays_old(gateway: Gateway, texts: Sequence[str]) -> str:
    """Say why containers go on with the old code after commands that update it; empty where they do not, or who knows.

    `texts` are those of the commands and of the scripts that they run.
    """
    blocks, said = services(gateway.directory), "\n".join(texts).replace("\\\n", " ")
    name = service_of("api", blocks, gateway)
    if not blocks and _IMAGE.search(said) and _STARTS.search(said) and not _MAKES.search(said):
        return "an image is built, and a restart goes on with the container of the old one: it needs `up -d`"
    if not name or not blocks[name].get("build") or _sees_the_code(gateway.directory, blocks[name]):
        return ""
    if _STARTS.search(said) and not _MAKES.search(said):
        return f"{name}'s code is in its image, and a restart goes on with the old one's container: it needs `up -d`"
    if _MAKES.search(said) and not _BUILDS.search(said):
        return f"{name}'s code is in its image, and nothing builds it anew: `up -d` finds the old one"
    return ""


def _sees_the_code(directory: Path, said: Mapping[str, Any]) -> bool:
    """Tell whether a container is shown the folder that its image is built from, or a part of it with code in it."""
    build = said["build"]
    context = build if isinstance(build, str) else str(build.get("context") or ".")
    root = PurePosixPath(os.path.normpath(context))
    own = [PurePosixPath(os.path.normpath(mount.source)) for mount in mounts(said) if mount.source.startswith(".")]
    return any(root.is_relative_to(one) or (one.is_relative_to(root) and _has_code(directory / one)) for one in own)


def _has_code(folder: Path) -> bool:
    return any(path.suffix in _CODE for path in ([folder] if folder.is_file() else folder.rglob("*")))
