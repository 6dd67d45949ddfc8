from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from rehearsal.backups.names import BackupName
from rehearsal.backups.packing import PACKINGS
from rehearsal.backups.whole import open_backup

DUMP = (
    b"--\n-- PostgreSQL database dump\n--\nCOPY x FROM stdin;\nword\n\\.\n"
    b"--\n-- PostgreSQL database dump complete\n--\n"
)
RDB = b"REDIS0011\xfe\x00\xfb\x01\x00\x00\x01k\x01v\xff12345678"


def _tar(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


@pytest.mark.parametrize(
    "pack", [bytes, *(one.pack for one in PACKINGS)], ids=["plain", *(one.name for one in PACKINGS)]
)
@pytest.mark.parametrize(
    ("content", "inside"),
    [(DUMP, b"word"), (RDB, b"\x01k\x01v"), (_tar("b/dump.rdb", RDB), b"\x01k\x01v")],
    ids=["dump", "rdb", "tar"],
)
def test_whole_backup_shows_what_is_in_it(pack: Callable[[bytes], bytes], content: bytes, inside: bytes) -> None:
    """Whatever it is packed in, it is opened to its last layer."""
    opened = open_backup(pack(content))
    assert (opened.broken, opened.form) == ("", "")
    assert inside in opened.content


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (gzip.compress(b""), "there is nothing in it"),
        (gzip.compress(DUMP)[:-9], "to its end"),
        (gzip.compress(DUMP[:-40]), "does not come to its end"),
        (gzip.compress(_tar("b/dump.rdb", RDB[:-9])), "expected an RDB with its end"),
        (_tar("b/dump.rdb", RDB)[:520], "tar"),
        *((one.pack(DUMP)[:-4], "to its end") for one in PACKINGS),
    ],
    ids=[
        "empty",
        "empty gzip",
        "cut gzip",
        "cut dump",
        "cut rdb",
        "cut tar",
        *(f"cut to its end: {one.name}" for one in PACKINGS),
    ],
)
def test_broken_backup_is_told(data: bytes, words: str) -> None:
    """What nobody could restore is broken, and says why."""
    assert words in open_backup(data).broken


def test_unknown_form_is_not_judged() -> None:
    """What is not known here is neither whole nor broken."""
    assert open_backup(b"PGDMP and more").form == "custom"
    assert open_backup(gzip.compress(b"PGDMP and more")).form == "another form"
    assert open_backup(b"\x04\x22\x4d\x18 and more").form == "another form"


def test_name_at_a_moment_is_read_back() -> None:
    """A name that was made for a moment is known by it; another kind's name differs in its kind alone."""
    name = BackupName("./backups/daily/gw-daily-YYYYMMDD-HHMMSS.sql.gz", "YYYYMMDD-HHMMSS")
    moment = datetime(2026, 11, 5, 2, 3, 4, tzinfo=UTC)
    assert name.at(moment) == "gw-daily-20261105-020304.sql.gz"
    assert name.moment(name.at(moment)) == moment
    assert name.of_kind("daily", "weekly").written == "./backups/weekly/gw-weekly-YYYYMMDD-HHMMSS.sql.gz"
