"""Builds the images: Debian's packages by mmdebstrap, Python's by pip, put together by the engine."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

HERE = Path(__file__).parent
LOCK = Path(__file__).parents[4] / "requirements.lock"
SUITE = "trixie"
PYTHON = "3.13"
"""Debian trixie's."""
BASE = "rehearsal/base:latest"
IMAGES = {
    "postgres": "rehearsal/postgres:17",
    "redis": "rehearsal/redis:8",
    "nginx": "rehearsal/nginx:1.26",
    "app": "rehearsal/app:latest",
    "operator": "rehearsal/operator:latest",
}
"""Target of the Dockerfile, and the name that the image gets: with the version of trixie's package."""
_WANTED = ("starlette", "uvicorn", "bullmq", "psycopg", "psycopg-binary", "psycopg-pool", "redis", "psutil")
_LABEL = "rehearsal.inputs"
_SECONDS = 600


class BuildError(Exception):
    """Images that could not be made: one sentence, with what to do."""


def inputs() -> str:
    """Return a digest of everything that the images are made from."""
    parts = [path.read_bytes() for path in sorted(HERE.iterdir()) if path.is_file()]
    return hashlib.sha256(b"\0".join([*parts, _locked().encode()])).hexdigest()[:16]


def present(digest: str) -> bool:
    """Tell whether images of these inputs are there. Raises BuildError where no engine answers."""
    shown = _run("docker", "images", "--filter", f"label={_LABEL}={digest}", "--format", "{{.Repository}}:{{.Tag}}")
    return set(IMAGES.values()) <= set(shown.split())


def build(digest: str, say: Callable[[str], None]) -> None:
    """Build all images and tag them. Raises BuildError."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-images-") as folder:
        context = Path(folder)
        say(f"Debian {SUITE} packages: {', '.join(_packages())}")
        _base(context)
        say(f"Python packages: {', '.join(_WANTED)}")
        _python(context / "packages")
        for path in HERE.iterdir():
            if path.is_file():
                shutil.copy(path, context)
        for target, name in IMAGES.items():
            say(name)
            _run(
                *("docker", "build", "--quiet", "--network=none", "--target", target, "--tag", name),
                *("--build-arg", f"BASE={BASE}", "--label", f"{_LABEL}={digest}", str(context)),
                environment={"DOCKER_BUILDKIT": "0"},
            )


def _packages() -> list[str]:
    return (HERE / "packages.txt").read_text().split()


def _base(context: Path) -> None:
    sources = context / "debian.sources"
    sources.write_text(_run(str(HERE / "debian-sources.sh"), SUITE))
    archive = context / "base.tar"
    unread = ("doc", "man", "locale", "info", "lintian")
    _run(
        *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(_packages())}"),
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in unread),
        *('--aptopt=Acquire::Languages "none"', SUITE, str(archive), str(sources)),
    )
    _run("docker", "import", str(archive), BASE)
    archive.unlink()


def _python(folder: Path) -> None:
    """Unpack the gateway's packages as another Python's: the locked versions, by their hashes."""
    requirements = folder.parent / "requirements.txt"
    requirements.write_text(_locked())
    _run(
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"),
        "--no-compile",  # this Python's bytecode is not that one's
        *("--require-hashes", "--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}"),
        *(f"--platform={platform}" for platform in _platforms()),
        *("--target", str(folder), "--requirement", str(requirements)),
    )


def _platforms() -> list[str]:
    machine = _run("uname", "-m").strip()
    return [f"manylinux{version}_{machine}" for version in ("_2_34", "_2_28", "_2_17", "2014")] + [f"linux_{machine}"]


def _locked() -> str:
    """Return the lines of the lock file that the gateway's packages need, their own needs included."""
    wanted: set[str] = set()
    waiting = list(_WANTED)
    while waiting:
        name = _normal(waiting.pop())
        if name not in wanted:
            wanted.add(name)
            needs = map(Requirement, distribution(name).requires or ())
            waiting += [one.name for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
    stanzas = re.split(r"\n(?=\S)", LOCK.read_text())
    return "\n".join(one for one in stanzas if _normal(re.split(r"[=\[ ;]", one)[0]) in wanted) + "\n"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _run(*command: str, environment: Mapping[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        msg = f"expected {command[0]} on PATH, found none; .ci/engine installs it on Debian, as root"
        raise BuildError(msg) from None
    except subprocess.TimeoutExpired:
        msg = f"expected `{' '.join(command[:3])}` to end within {_SECONDS} s, it did not; see what it waits for"
        raise BuildError(msg) from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        msg = f"expected `{' '.join(command[:3])}` to succeed, it ended with {done.returncode} and said: {said}"
        raise BuildError(msg)
    return done.stdout
