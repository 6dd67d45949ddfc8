"""What a hostile dump could do if nobody had looked into it: the replica is the second wall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.drills.live_backups import LiveBackups, open_isolated
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.load import load_gateway
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.replica import open_replica
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import read_runbook
from tests.checks.conftest import REFERENCE

PSQL = "docker-compose exec -T postgres psql -q -A -t -U postgres -d email_gateway"
REACH_OUT = 'bash -c "exec 3<>/dev/tcp/198.51.100.1/80" 2>&1 && echo REACHED'


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    """The reference gateway."""
    return load_gateway(REFERENCE)


@pytest.fixture(scope="module")
def replica(gateway: Gateway) -> Iterator[Replica]:
    """A replica as a live backup gets it."""
    with open_isolated(_backups(gateway), gateway.postgres.version) as fresh:
        yield fresh


def _backups(gateway: Gateway) -> LiveBackups:
    runbook = read_runbook(gateway.directory / gateway.runbook)
    # The live host is not asked for what these tests look at.
    return LiveBackups(None, None, gateway, runbook, open_replica)  # type: ignore[arg-type]


def _restored(replica: Replica, dump: str) -> str:
    """Give a dump to psql as it is, and return what that printed."""
    run = replica.run_script(f"cat > x.sql <<'END'\n{dump}\nEND\n{PSQL} < x.sql; rm x.sql", timeout=60)
    return run.stdout + run.stderr


def test_program_of_the_server_is_unprivileged_and_has_no_way_out(replica: Replica) -> None:
    """COPY … PROGRAM runs as the server's own user, never as root, and finds no route to anywhere."""
    dump = "CREATE TABLE said (line text);\nCOPY said FROM PROGRAM $p$id -u; " + REACH_OUT + " || true$p$;\nTABLE said;"
    said = _restored(replica, dump)
    assert said.splitlines()[0].isdecimal(), said
    assert said.splitlines()[0] != "0"
    assert "unreachable" in said
    assert "REACHED" not in said


def test_command_of_psql_sees_nothing_of_the_machine(replica: Replica, tmp_path: Path) -> None:
    r"""What \! runs has no route out and sees neither the machine's files nor its processes."""
    secret = tmp_path / "secret-of-the-machine"
    secret.write_text("found")
    commands = (
        REACH_OUT,
        f"cat {secret} || echo ABSENT",
        f"test -e {REFERENCE} || echo ABSENT TOO",
        "echo COUNT $(ls /proc | grep -cx '[0-9]*')",
    )
    said = _restored(replica, "\n".join(f"\\! {command}" for command in commands))
    assert "unreachable" in said
    assert "REACHED" not in said
    assert "ABSENT\n" in said
    assert "ABSENT TOO" in said
    count = re.search("COUNT ([0-9]+)", said)
    assert count
    assert int(count[1]) < 60, "processes of the machine"


def test_plain_replica_gets_no_foreign_dump(gateway: Gateway) -> None:
    """Where nothing keeps a dump from the machine it is not restored, and the run says why."""
    plain = gateway.replica.model_copy(update={"isolation": "plain"})
    backups = _backups(gateway.model_copy(update={"replica": plain}))
    with pytest.raises(NotOnThisTargetError, match="nothing isolates a plain replica"):
        open_isolated(backups, gateway.postgres.version)
