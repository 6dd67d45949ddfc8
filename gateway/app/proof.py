"""What a job remembers of its mail: that the SMTP server took it.

PostgreSQL decides whether a mail is sent. But when it was restored to an older state, or went away between the SMTP
server's yes and the commit, the job in Redis is the only witness; without it the mail would go out twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Proof:
    """The SMTP server took the mail."""

    message_id: str
    at: datetime

    def as_json(self) -> dict[str, str]:
        """Return what is kept in the job, as its progress and as its result."""
        return {"outcome": "sent", "message_id": self.message_id, "at": self.at.isoformat()}


def read_proof(*kept: Any) -> Proof | None:  # noqa: ANN401 - whatever JSON a job holds
    """Return the proof among a job's progress and result, given as values or as JSON text; None when there is none."""
    for value in kept:
        try:
            found = json.loads(value) if isinstance(value, str) else value
            if found["outcome"] == "sent":
                return Proof(str(found["message_id"]), datetime.fromisoformat(found["at"]))
        except (ValueError, TypeError, KeyError):
            continue
    return None
