"""`docker` and `docker-compose` in the operator's container: the run has the real ones, and decides what they may."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rehearsal.replica.processes.standins import client


def main(program: str, sockets: str) -> None:
    """Have the run execute `program` with this process's arguments and streams, and end as it does.

    `sockets` is the folder of the run's socket, whatever the environment says: cron gives none.
    """
    os.environ["REHEARSAL_CONTROL"] = f"{sockets}/engine"
    client.run(lambda argv: _ask(program, argv), sys.argv[1:])


def _ask(program: str, argv: list[str]) -> int:
    answer = client.ask("engine", (0, 1, 2), program=program, argv=argv, directory=str(Path.cwd()))
    if message := answer.get("message"):
        sys.stderr.write(f"{message}\n")
    return int(answer["exit"])
