"""The manifest that the reference scripts write beside a dump: what it was when it was made."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError


class ManifestError(Exception):
    """A manifest that can't be read: one sentence."""


class Manifest(BaseModel):
    """What backup-postgres.sh says of its dump; what others add is left alone."""

    model_config = ConfigDict(frozen=True)

    file: str
    sha256: str
    bytes: int
    database: str
    created: AwareDatetime
    rows: dict[str, int]
    """By table, counted in the dump's own snapshot: `{"public.email_outbox": 12}`."""

    @property
    def made(self) -> datetime:
        """When the dump's snapshot was taken."""
        return self.created


def read_manifest(text: bytes, name: str) -> Manifest:
    """Read a manifest. Raises ManifestError."""
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        msg = f"expected {name} to be the JSON manifest of a dump, found at '{where}': {first['msg']}"
        raise ManifestError(msg) from None
