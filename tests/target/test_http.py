"""Handing in a mail, as each API wants it."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from rehearsal.gateway.description import HttpPart
from rehearsal.gateway.http import Http
from rehearsal.gateway.target import NoAnswerError


class _Api:
    """As much of a target as HTTP needs."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._answer = answer

    def http(self) -> httpx.Client:
        return httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(self._answer))


def _submit(settings: HttpPart, answer: Callable[[httpx.Request], httpx.Response]) -> str:
    with Http(_Api(answer), settings) as http:  # type: ignore[arg-type]
        return http.submit("a@b", "{text}", "Hello")


def test_body_headers_and_id_as_gateway_toml_says() -> None:
    """The JSON is nested as described, each value filled in once, and the id is found where it stands."""
    settings = HttpPart(
        submit="/api/messages",
        submit_body={"message": {"recipients": ["{to}"], "subject": "[x] {subject}", "parts": {"plain": "{text}"}}},
        submit_headers={"X-Api-Key": "test"},
        submit_id="data.0.messageId",
    )
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"data": [{"messageId": 17}]})

    assert _submit(settings, answer) == "17"
    assert json.loads(seen[0].content) == {
        "message": {"recipients": ["a@b"], "subject": "[x] {text}", "parts": {"plain": "Hello"}}
    }
    assert seen[0].headers["X-Api-Key"] == "test"
    assert seen[0].headers["Idempotency-Key"]


@pytest.mark.parametrize("body", ['{"messageId": 1}', "[]", "accepted", "", '{"id": {}}x'])
def test_answer_without_the_id_is_a_sentence(body: str) -> None:
    """What lacks the id says which key of gateway.toml names its place."""
    with pytest.raises(NoAnswerError, match=r"at `id` \(http\.submit_id in gateway\.toml\)"):
        _submit(HttpPart(), lambda _: httpx.Response(200, text=body))


def test_redirect_to_https_says_what_to_do() -> None:
    """A mail is not handed in twice after a redirect: the address is to be mended."""
    moved = {"Location": "https://gateway/v1/emails"}
    with pytest.raises(NoAnswerError, match=r"301, which redirects to https://gateway/v1/emails; .* set http\.url"):
        _submit(HttpPart(), lambda _: httpx.Response(301, headers=moved))


def test_state_as_gateway_toml_says() -> None:
    """The state is asked for with the same key, found where it stands, and told in the words that drills know."""
    settings = HttpPart(
        submit_headers={"X-Api-Key": "test"}, state_at="data.status", states={"delivered": "sent", "pending": "queued"}
    )

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("X-Api-Key") != "test":
            return httpx.Response(401)
        return httpx.Response(200, json={"data": {"status": "delivered", "text": "x" * 5000}})

    with Http(_Api(answer), settings) as http:  # type: ignore[arg-type]
        assert http.state_of("17") == "sent"
    with Http(_Api(answer), HttpPart()) as http, pytest.raises(NoAnswerError, match=r"http\.state_at .* got 401"):  # type: ignore[arg-type]
        http.state_of("17")
