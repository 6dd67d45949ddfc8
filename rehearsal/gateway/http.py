"""The gateway over HTTP, through nginx: its health, its latency, and handing in a mail."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from rehearsal.gateway.description import HttpPart
from rehearsal.gateway.target import NoAnswerError, Target

ACCEPTED = (200, 201, 202)
NO_TLS = "gateway.toml says that this gateway has no TLS (http.https_url is empty)"
_LONGEST_BODY = 1 << 16
UNKNOWN = "unknown to the API"
"""The state of a mail that the API has never accepted."""
_STATES = ("queued", "sent", "failed", UNKNOWN)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, or rather what of it can be judged."""

    url: str
    status: int
    body: str
    """At most 64 Ki characters."""
    location: str
    """Where a redirect points; empty for other answers."""
    server: str
    """What the server says that it is; empty where it does not."""
    seconds: float

    @property
    def is_success(self) -> bool:
        """Tell whether it says yes: 200 to 299."""
        return httpx.codes.is_success(self.status)

    @property
    def found(self) -> str:
        """What came, in words: the status, and where a redirect points or what the body says."""
        if not self.location:
            return f"{self.status}: {self.body[:200]}".strip(" :")
        to_https = "; where all of it is served by https, set http.url to that" if "https://" in self.location else ""
        return f"{self.status}, which redirects to {self.location}{to_https}"


class Http:
    """A client of one gateway; close it when done."""

    def __init__(self, target: Target, settings: HttpPart) -> None:
        self.settings = settings
        self._client = target.http()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a path or a whole URL, without following redirects. Raises NoAnswerError."""
        return self._ask("GET", path, headers=headers)

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
        answer = self.hand_in(to, subject, text, key or str(uuid.uuid4()))
        if answer.status not in ACCEPTED:
            msg = f"expected POST {answer.url} to accept a mail, got {answer.found}"
            raise NoAnswerError(msg)
        return self.id_in(answer)

    def hand_in(self, to: str, subject: str, text: str, key: str) -> Answer:
        """Hand in a mail under an idempotency key, and return what the API says. Raises NoAnswerError for silence."""
        return self._ask(
            "POST",
            self.settings.submit,
            json=_filled(self.settings.submit_body, {"{to}": to, "{subject}": subject, "{text}": text}),
            headers={**self.settings.submit_headers, "Idempotency-Key": key},
        )

    def id_in(self, answer: Answer) -> str:
        """Return the id of the mail that was accepted with this answer. Raises NoAnswerError where it names none."""
        wanted = f"the mail's id at `{self.settings.submit_id}` (http.submit_id in gateway.toml)"
        return _picked(answer, self.settings.submit_id, wanted)

    def ask_state(self, mail_id: str) -> Answer:
        """Ask for the state of a mail, and return what the API says. Raises NoAnswerError for silence."""
        return self._ask("GET", self.settings.state.format(id=mail_id), headers=self.settings.submit_headers)

    def state_of(self, mail_id: str) -> str:
        """Return the state of a mail: `queued`, `sent`, `failed`; or `unknown to the API` for 404.

        Raises NoAnswerError for an answer that names no state.
        """
        answer = self.ask_state(mail_id)
        if answer.status == httpx.codes.NOT_FOUND:
            return UNKNOWN
        wanted = f"a mail's state at `{self.settings.state_at}` (http.state_at in gateway.toml)"
        state = _picked(answer, self.settings.state_at, wanted)
        return self.settings.states.get(state, state)

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
            body=answer.text[:_LONGEST_BODY],
            location=answer.headers.get("location", ""),
            server=answer.headers.get("server", ""),
            seconds=time.monotonic() - started,
        )


def _filled(body: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with what stands in braces replaced in each of its texts."""
    if isinstance(body, dict):
        return {name: _filled(one, values) for name, one in body.items()}
    if isinstance(body, list | tuple):
        return [_filled(one, values) for one in body]
    if isinstance(body, str):
        return re.sub("|".join(map(re.escape, values)), lambda found: values[found[0]], body)
    return body


def _picked(answer: Answer, path: str, wanted: str) -> str:
    """Return what stands at `data.id` in an answer's JSON. Raises NoAnswerError where nothing does."""
    try:
        here: Any = json.loads(answer.body)
        for name in path.split("."):
            here = here[int(name)] if isinstance(here, list) else here[name]
    except (ValueError, LookupError, TypeError):
        found = f"{answer.status}: {answer.body[:200] or 'an empty answer'}"
        msg = f"expected {wanted} in the JSON that {answer.url} answers, got {found}"
        raise NoAnswerError(msg) from None
    return str(here)


def percentile(values: list[float], percent: float) -> float:
    """Return the smallest of `values` that at least `percent` of them do not exceed (nearest rank)."""
    if not values:
        msg = "a percentile of no values was asked for"
        raise ValueError(msg)
    rank = max(1, -(-len(values) * percent // 100))
    return sorted(values)[int(rank) - 1]


def unexplained(state: str) -> str:
    """Say what to do about a word for a mail's state that nobody has explained; empty for one that is known."""
    return "" if state in _STATES else f" (say in http.states of gateway.toml what '{state}' means)"
