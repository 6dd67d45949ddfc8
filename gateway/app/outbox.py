"""The outbox in PostgreSQL: what was accepted, what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from app.database import Connection


class KeyReusedError(Exception):
    """An idempotency key that was given before, with another mail."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A mail as it was handed in."""

    to: str
    subject: str
    text: str

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 that tells this mail from any other."""
        parts = (part.encode() for part in (self.to, self.subject, self.text))
        return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()


_KNOWN_KEY = """
SELECT k.outbox_id, k.fingerprint, o.state::text
FROM idempotency_keys k
JOIN email_outbox o ON o.id = k.outbox_id
JOIN companies c ON c.id = k.company_id
WHERE c.slug = %s AND k.key = %s
"""
_INSERT_MAIL = """
WITH company AS (SELECT id FROM companies WHERE slug = %(company)s),
recipient AS (
    INSERT INTO recipients (company_id, address) SELECT id, %(to)s FROM company
    ON CONFLICT (company_id, address) DO UPDATE SET address = excluded.address
    RETURNING id, company_id
),
mail AS (
    INSERT INTO email_outbox (company_id, recipient_id, subject, body)
    SELECT company_id, id, %(subject)s, %(text)s FROM recipient
    RETURNING id, company_id
),
event AS (INSERT INTO email_events (outbox_id, type) SELECT id, 'queued' FROM mail)
INSERT INTO idempotency_keys (company_id, key, fingerprint, outbox_id)
SELECT company_id, %(key)s, %(fingerprint)s, id FROM mail
ON CONFLICT (company_id, key) DO NOTHING
RETURNING outbox_id
"""


async def known(conn: Connection, company: str, key: str, mail: Submission) -> tuple[UUID, str] | None:
    """Return id and state of the mail that was accepted under this key. Raises KeyReusedError for another mail."""
    row = await (await conn.execute(_KNOWN_KEY, (company, key))).fetchone()
    if row is None:
        return None
    if row[1] != mail.fingerprint:
        raise KeyReusedError
    return row[0], row[2]


async def accept(conn: Connection, company: str, key: str, mail: Submission) -> UUID | None:
    """Write a mail and its key, to be committed by the caller; None, and roll back, when the key came in meanwhile."""
    values = {"company": company, "key": key, "fingerprint": mail.fingerprint}
    values |= {"to": mail.to, "subject": mail.subject, "text": mail.text}
    row = await (await conn.execute(_INSERT_MAIL, values)).fetchone()
    return row[0] if row else None


async def read(conn: Connection, outbox_id: UUID) -> dict[str, Any] | None:
    """Return what a client may know of a mail; None when there is none."""
    cursor = await conn.execute(
        "SELECT state::text, attempts, last_failure, created_at, sent_at FROM email_outbox WHERE id = %s", (outbox_id,)
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    created, sent = row[3].isoformat(), row[4].isoformat() if row[4] else None
    return {
        "id": str(outbox_id),
        "state": row[0],
        "attempts": row[1],
        "last_failure": row[2],
        "created_at": created,
        "sent_at": sent,
    }


async def queued_after(conn: Connection, after: UUID, limit: int) -> list[str]:
    """Return ids of mails still to be sent, in order of id, beyond `after`; the API is still busy with the youngest."""
    cursor = await conn.execute(
        "SELECT id FROM email_outbox WHERE state = 'queued' AND id > %s AND created_at < now() - interval '1 second'"
        " ORDER BY id LIMIT %s",
        (after, limit),
    )
    return [str(row[0]) for row in await cursor.fetchall()]


async def is_queued(conn: Connection, outbox_id: UUID) -> bool:
    """Tell whether a mail is still to be sent."""
    cursor = await conn.execute("SELECT FROM email_outbox WHERE id = %s AND state = 'queued'", (outbox_id,))
    return await cursor.fetchone() is not None


async def mark_sent(conn: Connection, outbox_id: UUID, message_id: str, sent_at: datetime, event: str) -> bool:
    """Record that a mail is out, as the event `sent` or `reconciled`; False when its row said so already."""
    cursor = await conn.execute(
        "UPDATE email_outbox SET state = 'sent', sent_at = %s, message_id = %s, last_failure = NULL"
        " WHERE id = %s AND state <> 'sent'",
        (sent_at, message_id, outbox_id),
    )
    if cursor.rowcount:
        await add_event(conn, outbox_id, event, {"message_id": message_id})
    return bool(cursor.rowcount)


async def add_event(conn: Connection, outbox_id: UUID, event: str, payload: dict[str, Any]) -> None:
    """Record what happened to a mail."""
    await conn.execute(
        "INSERT INTO email_events (outbox_id, type, payload) VALUES (%s, %s, %s)", (outbox_id, event, Jsonb(payload))
    )
