"""Shared memory, which outlives a killed PostgreSQL: in the plain arrangement it is the machine's."""

from __future__ import annotations

from pathlib import Path

from rehearsal.replica.processes.replica import ProcessReplica
from tests.replica.conftest import open_or_skip, tiny

_SEGMENTS = Path("/proc/sysvipc/shm")


def _segment(replica: ProcessReplica) -> str:
    """Return the id of the server's segment, which its own file tells."""
    pid_file = Path(replica.blueprint.root, "var/lib/postgresql/data/postmaster.pid")
    return pid_file.read_text().splitlines()[6].split()[1]


def _all() -> set[str]:
    return {line.split()[1] for line in _SEGMENTS.read_text().splitlines()[1:]}


def test_end_of_a_plain_replica_gives_memory_back() -> None:
    """A replica is ended by SIGKILL, after which nobody but its supervisor can tell which segment was whose."""
    with open_or_skip(tiny(), "plain") as replica:
        segment = _segment(replica)
        assert segment in _all()
        with replica.postgres() as connection:
            assert connection.execute("SHOW dynamic_shared_memory_type").fetchone() == ("mmap",)
    assert segment not in _all()


def test_lost_volume_gives_memory_back() -> None:
    """The data of a killed server take with them the file that tells of its segment."""
    with open_or_skip(tiny(), "plain") as replica:
        first = _segment(replica)
        replica.lose_volume("postgres")
        assert first not in _all()
        second = _segment(replica)
        assert second in _all()
    assert second not in _all()
