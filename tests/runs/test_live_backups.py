"""`pytest -m drill --hosts=…` as a user gives it, on a stack that runs behind an sshd of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from rehearsal.drills.mails import Mails
from rehearsal.drills.placeholders import fill_in
from rehearsal.gateway.load import load_gateway
from rehearsal.gateway.procedure import run_commands
from rehearsal.replica import open_replica
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.runbook import procedure, read_runbook
from tests.live.sshd import sshd
from tests.runs.running import ROOT, SECONDS

_PATIENCE = 5 * SECONDS
BACKUPS = ("Backup Manual do PostgreSQL", "Backup Manual do Redis")


@dataclass(frozen=True)
class Live:
    """A stack of plain processes that answers on this machine's loopback, and how it is reached."""

    replica: ProcessReplica
    spec: str
    environment: dict[str, str]

    def drill(self, folder: Path) -> tuple[int, dict[str, dict[str, Any]], str]:
        """Run the drills of its backups; return exit status, results by name, and all that was written anywhere."""
        temporary = folder / "tmp"
        temporary.mkdir()
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-m",
                "drill",
                f"--hosts={self.spec}",
                "checks/backups/test_live_backups.py",
                f"--report-dir={folder / 'reports'}",
            ],
            cwd=ROOT,
            env={**os.environ, **self.environment, "TMPDIR": str(temporary)},
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        assert "Traceback" not in run.stdout + run.stderr
        assert [path for path in temporary.iterdir() if path.name.startswith("rehearsal-backups-")] == []
        latest = folder / "reports" / "latest"
        report = json.loads((latest / "results.json").read_text())
        written = "".join(path.read_text() for path in latest.iterdir() if path.is_file())
        results = {one["node_id"].split("::")[1]: one for one in report["results"]}
        return run.returncode, results, run.stdout + run.stderr + written


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    """A running gateway with a mail and backups."""
    described = load_gateway(ROOT / "gateway")
    plain = described.replica.model_copy(update={"isolation": "plain"})
    runbook = read_runbook(described.directory / described.runbook)
    with open_replica(described.model_copy(update={"replica": plain})) as opened, sshd() as host:
        replica = cast("ProcessReplica", opened)
        Mails(replica, described).deliver("a mail of the live gateway")
        for heading in BACKUPS:
            commands = fill_in(replica, procedure(runbook, heading).commands, {}, timeout=SECONDS)
            assert not run_commands(replica, commands, timeout=SECONDS).failed
        ports, secrets = replica.blueprint.ports, replica.blueprint.secrets
        environment = {
            "REHEARSAL_POSTGRES__PORT": str(ports.postgres),
            "REHEARSAL_REDIS__PORT": str(ports.redis),
            "REHEARSAL_LIVE__DIRECTORY": replica.run_script("pwd", timeout=SECONDS).stdout.strip(),
            "REHEARSAL_LIVE__SSH_CONFIG": str(host.config),
            "GATEWAY_DB_PASSWORD": secrets.postgres,
        }
        yield Live(replica, host.spec, environment)


def test_live_backups_over_ssh(live: Live, tmp_path: Path) -> None:
    """Good backups are ok, a hostile dump then fails the run with its line, and no secret is written anywhere."""
    status, results, written = live.drill(tmp_path)
    outcomes = {name: one["outcome"] for name, one in results.items()}
    assert outcomes == {"test_live_postgres_backup_restores": "ok", "test_live_redis_backup_restores": "ok"}, written
    assert status == 0
    assert live.environment["GATEWAY_DB_PASSWORD"] not in written

    dumped = "f=$(ls backups/*.sql.gz); (gunzip -c $f; echo '\\! touch /tmp/hacked') | gzip -c > x"
    assert live.replica.run_script(f"{dumped} && mv x $f; rm $f.manifest", timeout=SECONDS).ok
    (tmp_path / "again").mkdir()
    status, results, written = live.drill(tmp_path / "again")
    dump = results["test_live_postgres_backup_restores"]
    assert (status, dump["outcome"]) == (1, "critical")
    assert "refused and not restored: line" in dump["message"]
    assert results["test_live_redis_backup_restores"]["outcome"] == "ok"
