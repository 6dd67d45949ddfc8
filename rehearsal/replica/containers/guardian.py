"""Ends a replica of containers, whatever ended its run: `python -IS guardian.py`, with the run at its standard input.

The run holds the other end of a pipe. When that is closed, by the run or by the kernel because the run is gone, all
containers, networks and volumes with the replica's label are removed, and images of its name, then its folder. A run
that was killed may have left a `docker compose` behind that goes on making some: they are looked for again for a while.
Standard library only.
"""

import json
import shutil
import subprocess
import sys
import time

ENDED = "ended"
"""What the run says last, if it comes to that: then nobody makes anything any more."""
_SECONDS = 60
_LATE_SECONDS = 20
_PAUSE_SECONDS = 0.5
_NONE = "<none>"


def _docker(program: str, *words: str) -> list[str]:
    try:
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.split()


def main() -> None:
    """Wait for the end of the run, and clean up after it."""
    told = json.loads(sys.stdin.readline())
    in_order = ENDED in sys.stdin.read()
    program, folder, project = told["docker"], told["folder"], told["project"]
    _remove(program, folder, project)
    shutil.rmtree(folder, ignore_errors=True)
    deadline = time.monotonic() + _LATE_SECONDS
    while not in_order and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        _remove(program, folder, project)
    shutil.rmtree(folder, ignore_errors=True)


def _remove(program: str, folder: str, project: str) -> None:
    label = f"label=com.docker.compose.project={project}"
    # The operator's container is root: what it wrote, an ordinary user can't remove.
    for container in _docker(
        program, "ps", "-q", "--filter", label, "--filter", "label=com.docker.compose.service=operator"
    ):
        _docker(program, "exec", container, "find", folder, "-mindepth", "1", "-delete")
    if containers := _docker(program, "ps", "-aq", "--filter", label):
        _docker(program, "rm", "--force", "--volumes", *containers)
    for kind in ("network", "volume"):
        if found := _docker(program, kind, "ls", "-q", "--filter", label):
            _docker(program, kind, "rm", *found)
    _remove_images(program, project)


def _remove_images(program: str, project: str) -> None:
    """Remove the images of a registry of its own by their names alone: `127.0.0.1:5000/<project>/redis:1`.

    The same image may have another name, which is the machine's. One in use stays, and is looked for again.
    """
    named = ("--filter", f"reference=*/{project}/*", "--digests", "--format", "{{.Repository}} {{.Tag}} {{.Digest}}")
    words = iter(_docker(program, "images", *named))
    for name, tag, digest in zip(words, words, words, strict=False):
        if tag != _NONE:
            _docker(program, "rmi", f"{name}:{tag}")
        if digest != _NONE:
            _docker(program, "rmi", f"{name}@{digest}")


if __name__ == "__main__":
    main()
