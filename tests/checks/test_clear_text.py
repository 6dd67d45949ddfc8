"""Sabotage of the way to a gateway of HTTPS: mails that are taken without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.security.test_clear_text import test_no_mail_is_taken_in_clear as taken_in_clear
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

SECURE = ("gateway.toml", 'url = "http://localhost"\n', 'url = "https://localhost"\n')
AT = "        location /v1/emails {\n"


@pytest.mark.parametrize(
    ("inside", "outcome", "words"),
    [
        ("", Outcome.WARNING, "found the API behind it"),
        ("if ($scheme = http) { return 301 https://$host$request_uri; }\n", Outcome.OK, "which redirects to https://"),
        ("if ($scheme = http) { return 426; }\n", Outcome.OK, "answered 426"),
        ("if ($scheme = http) { return 301 http://$host/elsewhere; }\n", Outcome.WARNING, "redirects to http://"),
    ],
    ids=["in clear", "sent on", "turned away", "sent elsewhere"],
)
def test_way_to_a_gateway_of_https(inside: str, outcome: Outcome, words: str, tmp_path: Path) -> None:
    """An API that answers on port 80 as well is told; one that sends its clients to HTTPS is ok."""
    with sabotaged(tmp_path, SECURE, ("nginx/nginx.conf", AT, f"{AT}            {inside}")) as judge:
        seen = judge(taken_in_clear)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


def test_port_that_is_closed_is_ok(tmp_path: Path) -> None:
    """Where nothing listens without TLS nothing is taken there."""
    with sabotaged(tmp_path, SECURE, ("nginx/nginx.conf", "        listen 80 default_server;\n", "")) as judge:
        seen = judge(taken_in_clear)
    assert seen.outcome is Outcome.OK, seen.message
    assert "nothing answers" in seen.message


def test_gateway_without_tls_is_none_of_it(judge: Judge) -> None:
    """A gateway that its clients reach over HTTP is not accused of it."""
    assert judge(taken_in_clear).outcome is Outcome.NOT_APPLICABLE
