"""`python -m benchmarks`: prints a table, and writes it as JSON to reports/benchmarks.json."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.drills import drills
from benchmarks.hosts import hosts
from benchmarks.starts import containers_ready, replica_ready, runs
from benchmarks.table import show, write
from rehearsal.gateway.load import load_gateway
from rehearsal.runbook import read_runbook

ROOT = Path(__file__).parents[1]
# The goals are those of plain processes, which every machine can run.
os.environ.setdefault("REHEARSAL_REPLICA__KIND", "processes")


def main() -> int:
    """Run all benchmarks; the exit status is 1 where a goal is missed."""
    gateway = load_gateway(ROOT / "gateway")
    runbook = read_runbook(gateway.directory / gateway.runbook)
    # Drills first: the memory that they take is this process's highest.
    rows = [*drills(gateway, runbook), *replica_ready(gateway), *containers_ready(gateway), *runs(), *hosts(gateway)]
    sys.stdout.write(show(rows) + "\n")
    write(rows, ROOT / "reports" / "benchmarks.json")
    return 0 if all(row.reached for row in rows) else 1


sys.exit(main())
