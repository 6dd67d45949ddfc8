"""Which scripts may run on a live host: those of which every command only reads."""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.gateway.target import RefusedError


def require_reading(script: str, declared: Sequence[str] = ()) -> None:
    """Refuse a script that may change something. Raises RefusedError."""
    if script.strip() in declared:
        return
    msg = (
        f"{script.strip()[:200]!r} was refused on a live host; live.read_only in gateway.toml may list what only reads"
    )
    raise RefusedError(msg)
