from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rehearsal.gateway.crontab import read_crontab
from rehearsal.gateway.load import GatewayError

START = datetime(2026, 3, 1, 12)  # noqa: DTZ001  the host's clock, whatever its zone


def _read(folder: Path, text: str, *, with_user: bool = False) -> list[tuple[int, str, str]]:
    path = folder / "crontab"
    path.write_text(text)
    return [(one.line, one.when, one.command) for one in read_crontab(path, with_user=with_user)]


def test_entries_keep_line_time_and_command(tmp_path: Path) -> None:
    """Comments, blank lines and settings are no entries; an escaped percent is one, another ends the command."""
    text = "# c\nSHELL=/bin/sh\nX = 'a b'\n\n0 2 * * *  cd /x && a  b\n@daily  c\n1 2 3 4 5 date +\\%F%input\n"
    assert _read(tmp_path, text) == [
        (5, "0 2 * * *", "cd /x && a  b"),
        (6, "@daily", "c"),
        (7, "1 2 3 4 5", "date +%F"),
    ]
    path = tmp_path / "crontab"
    assert read_crontab(path)[0].settings == (("SHELL", "/bin/sh"), ("X", "a b"))
    assert [one.cut for one in read_crontab(path)] == [False, False, True]


def test_folder_that_a_crontab_names(tmp_path: Path) -> None:
    """A variable that is a folder is written out in entries below it; others are the shell's matter."""
    text = "0 1 * * * $GW/a\nGW=/srv/gw\nDAYS=7\n0 2 * * * cd $GW && . ${GW}/env && ./b $DAYS $GWX\n"
    assert [command for _, _, command in _read(tmp_path, text)] == [
        "$GW/a",
        "cd /srv/gw && . /srv/gw/env && ./b $DAYS $GWX",
    ]


def test_user_is_left_out(tmp_path: Path) -> None:
    """In /etc/cron.d the sixth word is a user."""
    assert _read(tmp_path, "0 2 * * * root run it\n", with_user=True) == [(1, "0 2 * * *", "run it")]
    assert read_crontab(tmp_path / "crontab", with_user=True)[0].user == "root"
    with pytest.raises(GatewayError, match="crontab:1: "):
        _read(tmp_path, "0 2 * * * root\n", with_user=True)


def test_times_are_those_of_the_fields(tmp_path: Path) -> None:
    """Each day once at its hour; an entry for the machine's start has no time."""
    path = tmp_path / "crontab"
    path.write_text("30 2 * * *  a\n@reboot b\n@monthly c\n")
    daily, start, monthly = read_crontab(path)
    assert daily.times(START, 2) == (datetime(2026, 3, 2, 2, 30), datetime(2026, 3, 3, 2, 30))  # noqa: DTZ001
    assert start.times(START, 100) == ()
    assert monthly.times(START, 31) == (datetime(2026, 4, 1),)  # noqa: DTZ001
    assert daily.times(START, 2)[1] - daily.times(START, 2)[0] == timedelta(days=1)


@pytest.mark.parametrize("line", ["0 25 * * * a", "0 2 * * *", "a b c d e f", "@sometimes a", "0 2"])
def test_nonsense_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    """What cron would refuse is an error with file and line."""
    with pytest.raises(GatewayError, match=r"crontab:2: expected five fields of time and a command"):
        _read(tmp_path, f"# first\n{line}\n")


def test_missing_crontab_is_named(tmp_path: Path) -> None:
    """A file that is not there is an error in a sentence."""
    with pytest.raises(GatewayError, match=r"expected a crontab at .*none.*schedule\.crontab"):
        read_crontab(tmp_path / "none")
