"""A gateway's Compose file, as far as it is asked: its services, each with the lines that are about it."""

from __future__ import annotations

import re
from pathlib import Path

_FILES = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
_NAME = re.compile(r"\s*[\"']?([\w.-]+)[\"']?\s*:")


def services(directory: Path) -> dict[str, str]:
    """Return the text of each service by its name, in the order of the file; none where there is no Compose file."""
    file = next((directory / name for name in _FILES if (directory / name).is_file()), None)
    found: dict[str, list[str]] = {}
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file else []
    inside, depth, now = False, 0, ""
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        if indent == 0:
            inside, depth = line.startswith("services:"), 0
            continue
        depth = depth or indent
        if inside and indent == depth and (name := _NAME.match(line)):
            now = name[1]
            found[now] = []
        if inside and now:
            found[now].append(line)
    return {name: "\n".join(block) + "\n" for name, block in found.items()}
