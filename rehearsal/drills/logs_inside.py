"""Runs inside a replica, by its own Python: plants log files, writes to some as a service does, and looks what is left.

Standard library only; the run hands it over as text. `python3 -c TEXT plant|write|look FOLDER...`, each with what
REHEARSAL_LOGS says, as JSON.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import re
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

_OPENERS: dict[str, Any] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
_ARCHIVE = re.compile(r"\.(tar(\.\w+)?|tgz)$")
_TOKEN = re.compile(rb"token (\d+)\n")


def plant(folders: list[Path], files: list[dict[str, Any]]) -> None:
    """Make files of an age, each with a token of its own, and links."""
    now = time.time()
    for one in files:
        path = folders[one["folder"]] / one["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        if "link" in one:
            path.symlink_to(one["link"])
        elif path.suffix in _OPENERS:
            path.write_bytes(gzip.compress(b"token %d\n" % one["token"]))
        else:
            path.write_bytes(b"token %d\n" % one["token"])
        moment = now - one["age"]
        os.utime(path, (moment, moment), follow_symlinks=False)


def write(folders: list[Path], told: dict[str, Any]) -> None:
    """Hold a log open in each folder, of a size, and add a line each millisecond until the stop file is there."""
    with ExitStack() as stack:
        paths = [folder / name for folder, name in zip(folders, told["names"], strict=True)]
        files = [stack.enter_context(path.open("ab", buffering=0)) for path in paths]
        line = b"live %d %012d " + b"." * 75 + b"\n"
        block = told["bytes"] // len(line) + 1
        number = told["first"] + block
        for place, file in enumerate(files):
            file.write(b"".join(line % (place, one) for one in range(told["first"], number)))
        Path(told["ready"]).touch()
        deadline = time.monotonic() + told["seconds"]
        while not Path(told["stop"]).exists() and time.monotonic() < deadline:
            for place, file in enumerate(files):
                file.write(line % (place, number))
            number += 1
            time.sleep(0.001)
        sys.stdout.write(f"{number}\n")


def look(folders: list[Path], told: dict[str, Any]) -> None:
    """Tell which tokens and lines are anywhere, what else than a live log holds lines, and how big each is now.

    `folders` are those of the live logs, then those below which is looked.
    """
    tokens: set[int] = set()
    lines: list[set[bytes]] = [set() for _ in told["names"]]
    live, roots = folders[: len(told["names"])], folders[len(told["names"]) :]
    held: list[set[str]] = [set() for _ in told["names"]]
    paths = [folder / name for folder, name in zip(live, told["names"], strict=True)]
    for path, content in _contents(roots, told["words"]):
        tokens |= {int(found) for found in _TOKEN.findall(content)}
        for found in re.finditer(rb"live (\d+) (\d{12})", content):
            place = int(found[1])
            if int(found[2]) < told["before"]:
                lines[place].add(found[2])
                held[place].add(str(path))
    for place, path in enumerate(paths):
        held[place].discard(str(path))
    sizes = [path.stat().st_size if path.is_file() else 0 for path in paths]
    left: dict[str, Any] = {"tokens": sorted(tokens), "lines": [len(one) for one in lines], "sizes": sizes}
    left["held"] = [sorted(one) for one in held]
    sys.stdout.write(json.dumps(left))


def _contents(folders: list[Path], words: list[str]) -> Iterator[tuple[Path, bytes]]:
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place, name)
                known = any(word in str(path) for word in words) or _ARCHIVE.search(name)
                if known and path.is_file() and not path.is_symlink():
                    yield from ((path, content) for content in _read(path))


def _read(path: Path) -> Iterator[bytes]:
    try:
        if tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                for member in archive:
                    file = archive.extractfile(member) if member.isfile() else None
                    yield file.read() if file else b""
            return
        opener = _OPENERS.get(path.suffix, open)
        with opener(path, "rb") as file:
            yield file.read()
    except (OSError, EOFError, tarfile.TarError, lzma.LZMAError):
        # What can't be read back is lost.
        return


if __name__ == "__main__":
    acts: dict[str, Any] = {"plant": plant, "write": write, "look": look}
    acts[sys.argv[1]]([Path(one) for one in sys.argv[2:]], json.loads(os.environ["REHEARSAL_LOGS"]))
