"""What a package manager has brought into a gateway directory is there in its replica, and stays as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rehearsal.replica.protocol import Replica
from tests.replica.conftest import KINDS, TINY, of_kind, open_or_skip, tiny

BROUGHT = ("node_modules/bullmq/index.js", "worker/node_modules/pg/index.js", ".venv/bin/tool")
CODE = ("src/logs/index.js", "src/backups/plan.py", "src/ssl/pins.js")
MADE = ("logs/api.log", "backups/email-gateway-daily.sql.gz", "src/.env", "nginx/ssl/live.key")


def _open(kind: str, folder: Path) -> Replica:
    shutil.copytree(TINY, folder)
    for name in (*BROUGHT, *CODE, *MADE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"the machine's own {name}\n")
    return of_kind(kind, folder)


@pytest.mark.parametrize("kind", KINDS)
def test_packages_and_code_are_there(kind: str, tmp_path: Path) -> None:
    """Without its packages no service of Node starts; what the live gateway has made or keeps secret is not there."""
    folder = tmp_path / "gateway"
    with _open(kind, folder) as replica:
        for name in (*BROUGHT, *CODE):
            assert replica.run_script(f"cat {name}", timeout=30).stdout == f"the machine's own {name}\n", name
        found = replica.run_script(f"ls {' '.join(MADE)}", timeout=30)
        assert not [name for name in MADE if name in found.stdout.split()], found.stdout
        for name in BROUGHT:
            replica.run_script(f"echo changed > {name}; rm -f {name}", timeout=30)
    for name in BROUGHT:
        assert (folder / name).read_text() == f"the machine's own {name}\n"


def test_link_to_packages_stays_a_link(tmp_path: Path) -> None:
    """A link is copied as one: what it leads to is the replica's affair."""
    folder = tmp_path / "gateway"
    shutil.copytree(TINY, folder)
    (folder / "packages").mkdir()
    (folder / "node_modules").symlink_to("packages")
    with open_or_skip(tiny(folder), "namespaces") as replica:
        assert replica.run_script("readlink node_modules", timeout=30).stdout == "packages\n"
