"""Statuses in the lines of nginx' logs, wherever a format has them."""

from __future__ import annotations

import pytest

from rehearsal.plugin.log_statuses import statuses_of


@pytest.mark.parametrize(
    ("line", "statuses"),
    [
        ('1.2.3.4 - - [d] "GET / HTTP/1.1" 403 153 "-" "curl"', ["403"]),
        ('1.2.3.4 - - [d] "GET / HTTP/1.1" 200 429 "-" "curl"', []),
        ('1.2.3.4 [d] 405 "GET /v1/emails" 18 0.008', ["405"]),
        ('{"client": "1.2.3.4", "status": 429, "bytes": 404}', ["429"]),
        ('{"status":"429"}', ["429"]),
        ("client=1.2.3.4 status=404 bytes=12", ["404"]),
        ("limiting requests, excess: 100.404 by zone", []),
    ],
)
def test_status_is_found_where_it_stands(line: str, statuses: list[str]) -> None:
    """Neither bytes nor a count of requests is one."""
    assert statuses_of(line) == statuses
