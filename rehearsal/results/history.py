"""What earlier runs measured, read from the reports that they left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

_RESULTS: Final = "results.json"
_LOOKED_AT: Final = 50
"""Reports that are looked into, newest first: a target that none of them names was not looked at lately."""


def former_value(root: Path, current: Path | None, target: str, name: str) -> float | None:
    """Return the value that the last earlier run measured under that name on a target; None where none did.

    `current` is the folder of the run that asks. A report that can't be read has measured nothing.
    """
    # A folder's name begins with its run's time.
    folders = sorted((path.parent for path in root.glob(f"2*/{_RESULTS}")), key=lambda path: path.name, reverse=True)
    for folder in [one for one in folders if one != current][:_LOOKED_AT]:
        value = _value_in(folder / _RESULTS, target, name)
        if value is not None:
            return value
    return None


def _value_in(file: Path, target: str, name: str) -> float | None:
    try:
        text = file.read_text(encoding="utf-8")
        # Most reports are of other targets, and some are large.
        found = json.loads(text)["results"] if name in text else []
        return next(
            (
                float(measured["value"])
                for result in found
                if result["target"] == target
                for measured in result["measurements"]
                if measured["name"] == name and measured["value"] is not None
            ),
            None,
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None
