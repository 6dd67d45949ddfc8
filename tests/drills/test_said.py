"""What counts as another thing said: words and statuses, never what passes by itself."""

import pytest

from rehearsal.drills.said import Said
from rehearsal.gateway.target import CommandRun


def _said(text: str, exit_code: int = 0) -> Said:
    return Said(CommandRun("monitor", exit_code, text, "", 0.1), text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nginx  Up 59 seconds (healthy)  80/tcp", "nginx  Up About a minute (healthy)  80/tcp"),
        ("nginx  Up 58 minutes", "nginx  Up About an hour"),
        ("Less than a second ago   Up 1 second", "2 seconds ago   Up 2 seconds"),
        ("03:59:01 up 59 min,  0 users,  load average: 0.01", "04:00:02 up  1:00,  0 users,  load average: 0.00"),
        ("Sat Nov 28 23:59:59 UTC 2026", "Sun Nov 29 00:00:00 UTC 2026"),
        ("Memory: 81.5% [####......] 2.1 GiB", "Memory: 9% [#.........] 310 MiB"),
        ("3 dias, 2 horas", "1 dia, 1 hora"),
    ],
)
def test_what_passes_by_itself_is_no_difference(one: str, other: str) -> None:
    """The age of a container, the time of day and figures say nothing of what a drill did."""
    assert not _said(one).differs(_said(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nginx  Up 2 minutes", "nginx  Exited (137) 2 minutes ago"),
        ("nginx  Up 2 minutes (healthy)", "nginx  Up 2 minutes (unhealthy)"),
        ("nginx  Up 2 minutes", ""),
        ("Memory: 81%: OK", "Memory: 81%: WARNING"),
        ("\x1b[32m81%\x1b[0m", "\x1b[31m81%\x1b[0m"),
    ],
)
def test_other_words_are_a_difference(one: str, other: str) -> None:
    """A state, a verdict, a line that is gone and a colour are what people go by."""
    assert _said(one).differs(_said(other))


def test_another_status_is_a_difference() -> None:
    """A script that says the same words and ends otherwise has told."""
    assert _said("done").differs(_said("done", exit_code=1))
