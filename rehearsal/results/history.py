"""What earlier runs saw, read from the reports that they left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from rehearsal.results.model import Result
from rehearsal.results.serial import decode

_RESULTS: Final = "results.json"
_LOOKED_AT: Final = 50
"""Reports that are looked into for a figure: a target that none of them names was not looked at lately."""


def earlier_results(
    root: Path, current: Path | None = None, *, holding: str = "", most: int | None = None
) -> Iterator[Result]:
    """Yield the results of earlier runs, the last run's first; each report is read when it is its turn.

    `current` is the folder of the run that asks. Only the newest `most` reports are read, and of them those whose text
    holds `holding`. A report that can't be read has seen nothing.
    """
    # A folder's name begins with its run's time.
    folders = sorted((path.parent for path in root.glob(f"2*/{_RESULTS}")), key=lambda path: path.name, reverse=True)
    for folder in islice((one for one in folders if one != current), most):
        yield from _results_in(folder / _RESULTS, holding)


def former_value(root: Path, current: Path | None, target: str, name: str) -> float | None:
    """Return the value that the last earlier run measured under that name on a target; None where none did."""
    for result in earlier_results(root, current, holding=name, most=_LOOKED_AT):
        if result.target == target:
            for measured in result.measurements:
                if measured.name == name:
                    return measured.value
    return None


def _results_in(file: Path, holding: str) -> list[Result]:
    try:
        text = file.read_text(encoding="utf-8")
        # Most reports are of other targets, and some are large; what wrote them held them against the schema.
        return [decode(Result, one) for one in json.loads(text)["results"]] if holding in text else []
    except (OSError, ValueError, LookupError, TypeError):
        return []
