"""The rows of a benchmark run: printed as a table, written as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside what it is held against."""

    name: str
    value: float
    unit: str
    goal: float
    """At most, in the same unit."""
    detail: str = ""

    @property
    def reached(self) -> bool:
        """Tell whether the goal is reached."""
        return self.value <= self.goal


def show(rows: list[Row]) -> str:
    """Return the rows as a table for a terminal."""
    lines = [f"{'benchmark':<44} {'measured':>12} {'goal':>12}   "]
    for row in rows:
        mark = "ok" if row.reached else "MISSED"
        figures = f"{row.value:>8.2f} {row.unit:<3} {row.goal:>8.2f} {row.unit:<3}"
        lines.append(f"{row.name:<44} {figures}  {mark:<6}  {row.detail}".rstrip())
    return "\n".join(lines)


def write(rows: list[Row], path: Path) -> None:
    """Write the rows as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) | {"reached": row.reached} for row in rows], indent=2) + "\n")
