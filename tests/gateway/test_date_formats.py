"""Formats of dates that do not name the moment they seem to."""

from __future__ import annotations

import pytest

from rehearsal.gateway.date_formats import doubtful_formats


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stamp=$(date +%Y%m%d-%I%M%S)", "go to twelve"),
        ("stamp=$(date -u '+%Y-%m-%d_%lh%M')", "go to twelve"),
        ("stamp=$(date +%Y%M%d-%H%M%S)", "where the month belongs"),
        ("stamp=$(date +%Y-%M-%d)", "where the month belongs"),
        ("now().strftime('%Y%m%d-%H%m%S')", "where the minute belongs"),
        ("date '+%d/%m/%Y %H:%m'", "where the minute belongs"),
        ("date +%G-%m-%d", "year of the week"),
    ],
)
def test_format_of_another_moment_is_seen(text: str, words: str) -> None:
    """Each is told with its line."""
    assert [(line, words in why) for line, _, why in doubtful_formats(f"true\n{text}\n")] == [(2, True)]


@pytest.mark.parametrize(
    "text",
    [
        "date +%Y%m%d-%H%M%S",
        "date '+%d/%m/%Y %H:%M:%S'",
        "date +'%I:%M %p'",
        "date +%FT%TZ; date +%s; date +%j",
        "date '+desde %I:%M'",
        "date +%G-W%V-%u",
        "date '+%H:%M %m/%d'",
        "# date +%Y%M%d",
        "printf '%d items of %s, %I64d, %Ms'",
        "curl -w '%{http_code} %{time_total}' http://localhost/%Y",
        "log_format main '$remote_addr %M';",
        "date -d '-1 hour' +%Y%m%dT%H%M%SZ",
        "logging.Formatter('%(asctime)s %(message)s', '%Y-%m-%dT%H:%M:%S')",
        "date +%d%m%y_%Hh%Mm%Ss",
    ],
)
def test_other_format_is_not_accused(text: str) -> None:
    """What names a moment, and what is no format of dates."""
    assert [*doubtful_formats(text)] == []
