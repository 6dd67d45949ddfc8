"""The `.env` of a gateway directory, or its example: what Compose fills the Compose file in with."""

from __future__ import annotations

import re
from pathlib import Path

from dotenv import dotenv_values

_NAMES = (".env", ".env.example", ".env.sample", ".env.template", ".env.dist", "env.example")
SECRET = re.compile(
    r"pass|pwd|pw$|pin$|secret|salt|private|token|key|auth|credential|cookie|dsn|webhook", re.IGNORECASE
)
"""Variables whose values are nobody's business: those of a live `.env` never come into a replica."""


def read_dotenv(folder: Path) -> dict[str, str] | None:
    """Return the variables of the first such file, `${NAME}` as it stands there; None where there is none."""
    file = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if file is None:
        return None
    return {name: value or "" for name, value in dotenv_values(file, interpolate=False).items()}
