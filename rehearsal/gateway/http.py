"""The gateway over HTTP, through nginx: its health, its latency, and handing in a mail."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Self

import httpx

from rehearsal.gateway.description import HttpPart
from rehearsal.gateway.target import NoAnswerError, Target

ACCEPTED = (200, 201, 202)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, or rather what of it can be judged."""

    url: str
    status: int
    body: str
    """At most 2,000 characters."""
    location: str
    """Where a redirect points; empty for other answers."""
    server: str
    """What the server says that it is; empty where it does not."""
    seconds: float


class Http:
    """A client of one gateway; close it when done."""

    def __init__(self, target: Target, settings: HttpPart) -> None:
        self.settings = settings
        self._client = target.http()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str) -> Answer:
        """Ask for a path or a whole URL, without following redirects. Raises NoAnswerError."""
        return self._ask("GET", path)

    def latencies(self, path: str, requests: int) -> list[float]:
        """Return the seconds that each of `requests` answers took, one after another.

        Fewer where they are so slow that all of them would take longer than two that time out. Raises NoAnswerError.
        """
        seconds = [self.get(path).seconds]
        while len(seconds) < requests and sum(seconds) < 2 * self.settings.timeout_seconds:
            seconds.append(self.get(path).seconds)
        return seconds

    def submit(self, to: str, subject: str, text: str, key: str | None = None) -> str:
        """Hand in a mail with an idempotency key, and return its id.

        Raises NoAnswerError when it is not accepted: nothing may then be expected of it.
        """
        answer = self._ask(
            "POST",
            self.settings.submit,
            json={"to": to, "subject": subject, "text": text},
            headers={"Idempotency-Key": key or str(uuid.uuid4())},
        )
        if answer.status not in ACCEPTED:
            msg = f"expected POST {answer.url} to accept a mail, got {answer.status}: {answer.body[:200]}"
            raise NoAnswerError(msg)
        return str(httpx.Response(200, text=answer.body).json()["id"])

    def state_of(self, mail_id: str) -> str:
        """Return the state of a mail: `queued`, `sent`, `failed`; or `unknown to the API` for 404."""
        answer = self._ask("GET", self.settings.state.format(id=mail_id))
        if answer.status == httpx.codes.NOT_FOUND:
            return "unknown to the API"
        return str(httpx.Response(200, text=answer.body).json()["state"])

    def _ask(self, method: str, path: str, **rest: object) -> Answer:
        url = self._client.base_url.join(path)
        started = time.monotonic()
        try:
            answer = self._client.request(method, url, follow_redirects=False, **rest)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            seconds = time.monotonic() - started
            msg = f"expected an answer from {url}, got {type(error).__name__} after {seconds:.1f} s: {error}"
            raise NoAnswerError(msg) from None
        return Answer(
            url=str(url),
            status=answer.status_code,
            body=answer.text[:2000],
            location=answer.headers.get("location", ""),
            server=answer.headers.get("server", ""),
            seconds=time.monotonic() - started,
        )


def percentile(values: list[float], percent: float) -> float:
    """Return the smallest of `values` that at least `percent` of them do not exceed (nearest rank)."""
    if not values:
        msg = "a percentile of no values was asked for"
        raise ValueError(msg)
    rank = max(1, -(-len(values) * percent // 100))
    return sorted(values)[int(rank) - 1]
