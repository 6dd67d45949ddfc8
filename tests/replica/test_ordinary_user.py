"""The same as an ordinary user: nothing of a replica needs root."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.replica.conftest import ARRANGEMENTS

PROJECT = Path(__file__).parents[2]
NOBODY = 65534
RUN = """
import json, os, sys
from rehearsal.replica.processes.launch import start
from rehearsal.replica.token import verify
from tests.replica.conftest import tiny
with start(tiny(), sys.argv[1]) as replica:
    verify(replica)
    with replica.http() as client:
        ready = client.get("https://localhost/health/readyz").status_code
    run = replica.run_script("docker-compose exec -T postgres psql -U postgres -Atc 'SELECT 6 * 7'", timeout=20)
    replica.kill("redis")
    replica.start("redis")
    replica.lose_volume("postgres")
    verify(replica)
    root = replica.plan.root
print(json.dumps({"uid": os.getuid(), "ready": ready, "out": run.stdout, "left": bool(root) and os.path.exists(root)}))
"""


def reachable(path: Path) -> bool:
    """Tell whether somebody else may come to a file: every folder above it lets others pass."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def interpreter() -> str:
    """Return a Python of our version that an ordinary user reaches; skip where there is none."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (sys.executable, f"/usr/bin/{version}", shutil.which(version) or ""):
        if found and Path(found).is_file() and reachable(Path(found)):
            return found
    pytest.skip(f"no {version} that an ordinary user can reach on this machine")


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
@pytest.mark.parametrize("isolation", ARRANGEMENTS)
def test_replica_of_an_ordinary_user(isolation: str, request: pytest.FixtureRequest) -> None:
    """Start, ask, exec, kill, lose a volume and close, without any privilege."""
    packages = Path(pytest.__file__).parents[1]
    if not (reachable(PROJECT / "x") and reachable(packages / "x")):
        pytest.skip("an ordinary user can't reach this project's folder or its packages")
    # redis-py asks for it before Python 3.11.3, only to import it.
    shim = Path(tempfile.mkdtemp(prefix="shim-"))
    request.addfinalizer(lambda: shutil.rmtree(shim))
    shim.chmod(0o755)
    (shim / "async_timeout.py").write_text("from asyncio import timeout\n")
    run = subprocess.run(
        [interpreter(), "-c", RUN, isolation],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=PROJECT,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{PROJECT}:{packages}:{shim}", "HOME": "/nonexistent"},
    )
    if "expected the kernel to allow namespaces" in run.stderr:
        pytest.skip("the kernel gives an ordinary user no namespaces")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {"uid": NOBODY, "ready": 200, "out": "42\n", "left": False}
