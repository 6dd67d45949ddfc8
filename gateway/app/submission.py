"""Reading what a client sends: a mail, and the key under which it wants it once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from starlette.requests import Request

from app.outbox import Submission

BODY_LIMIT = 512 * 1024
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f<>,;:\"()\\\[\]]{1,64}@[^@\s\x00-\x1f\x7f<>,;:\"()\\\[\]]{1,189}")
_LINE = re.compile(r"[^\x00-\x1f\x7f\x85\u2028\u2029]{0,998}")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class InvalidError(Exception):
    """A request that can't be accepted: a sentence for the client, and the HTTP status."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


def read_key(headers: Mapping[str, str]) -> str:
    """Return the idempotency key. Raises InvalidError when there is none."""
    key = headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise InvalidError("the header Idempotency-Key is needed: 1 to 255 printable characters", 400)
    return key


async def read_submission(request: Request) -> Submission:
    """Return the mail in a request's body. Raises InvalidError when it is none."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise InvalidError(f"a mail has at most {BODY_LIMIT} bytes", 413)
    try:
        values = json.loads(body)
    except ValueError:
        raise InvalidError("the body must be JSON", 400) from None
    if not isinstance(values, dict):
        raise InvalidError("the body must be a JSON object with to, subject and text", 400)
    return _checked(values)


def _checked(values: dict[str, object]) -> Submission:
    parts: dict[str, str] = {}
    for name in ("to", "subject", "text"):
        value = values.get(name)
        if not isinstance(value, str) or "\0" in value or not _is_unicode(value):
            raise InvalidError(f"{name} must be a text without NUL")
        parts[name] = value
    if not _ADDRESS.fullmatch(parts["to"]):
        raise InvalidError("to must be one e-mail address")
    if not _LINE.fullmatch(parts["subject"]):
        raise InvalidError("subject must be one line of at most 998 characters")
    return Submission(**parts)


def _is_unicode(text: str) -> bool:
    """Tell whether a text can be written as UTF-8: JSON can carry half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
