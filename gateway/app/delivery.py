"""One attempt to send one mail: its row locked, asked, and told the result."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.database import Connection
from app.outbox import add_event
from app.queue import ATTEMPTS
from app.smtp import Attempt, Mail

_CLAIM = """
SELECT o.state::text, o.attempts, o.message_id, o.sent_at, c.sender, r.address, o.subject, o.body
FROM email_outbox o
JOIN companies c ON c.id = o.company_id
JOIN recipients r ON r.id = o.recipient_id
WHERE o.id = %s
FOR UPDATE OF o
"""
_LOG = """
INSERT INTO email_logs (outbox_id, attempt, outcome, smtp_code, detail, duration_ms) VALUES (%s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail whose row is locked until the transaction ends."""

    id: UUID
    state: str
    attempts: int
    message_id: str | None
    sent_at: str | None
    mail: Mail


async def claim(conn: Connection, outbox_id: UUID) -> Claim | None:
    """Lock a mail's row and return it; None when there is no such row."""
    row = await (await conn.execute(_CLAIM, (outbox_id,))).fetchone()
    if row is None:
        return None
    mail = Mail(outbox_id=str(outbox_id), sender=row[4], to=row[5], subject=row[6], text=row[7])
    return Claim(outbox_id, row[0], row[1], row[2], row[3].isoformat() if row[3] else None, mail)


async def log_attempt(conn: Connection, claimed: Claim, attempt: Attempt) -> None:
    """Keep what the SMTP server said, and count the attempt."""
    number = claimed.attempts + 1
    values = (claimed.id, number, attempt.outcome, attempt.code, attempt.detail, attempt.milliseconds)
    await conn.execute(_LOG, values)
    failure = None if attempt.outcome == "accepted" else attempt.detail
    await conn.execute(
        "UPDATE email_outbox SET attempts = %s, last_failure = %s WHERE id = %s", (number, failure, claimed.id)
    )


def is_final(claimed: Claim, attempt: Attempt) -> bool:
    """Tell whether a mail that was not accepted is given up: refused for good, or tried often enough."""
    return attempt.outcome == "refused" or claimed.attempts + 1 >= ATTEMPTS


async def give_up(conn: Connection, claimed: Claim, attempt: Attempt) -> None:
    """Record that a mail will not be sent."""
    await conn.execute("UPDATE email_outbox SET state = 'failed' WHERE id = %s", (claimed.id,))
    await add_event(conn, claimed.id, "failed", {"detail": attempt.detail, "code": attempt.code})
