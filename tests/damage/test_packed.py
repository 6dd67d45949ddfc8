"""Bad backups made of good ones: each is bad in the way that it says, and only where the format can be."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from rehearsal.backups.packing import PACKINGS, Packing, packing_of
from rehearsal.damage import packed

SQL = (
    b"--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE a (n int);\nCREATE TABLE b (n int);\n"
    b"COPY public.a (n) FROM stdin;\n1\n2\n\\.\n\nCOPY public.b (n) FROM stdin;\n3\n\\.\n\n"
    b"--\n-- PostgreSQL database dump complete\n--\n"
)
DUMP = gzip.compress(SQL)
CUSTOM = b"PGDMP\x01\x0e\x00" + bytes(100)
RDB = b"REDIS0011" + bytes(range(256))


def _archive(**files: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, content in files.items():
            about = tarfile.TarInfo(f"redis-backup/{name}.{'rdb' if name == 'dump' else 'json'}")
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))
    return made.getvalue()


def _files(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {one.name: content.read() for one in tar if (content := tar.extractfile(one))}


ARCHIVE = _archive(dump=RDB, manifest=b"{}")


@pytest.mark.parametrize("good", [DUMP, SQL, CUSTOM, ARCHIVE], ids=["dump", "sql", "custom", "archive"])
def test_any_file_can_be_cut_and_flipped(good: bytes) -> None:
    """Half of it is left, or all of it with one bit that differs."""
    assert packed.truncated(good) == good[: len(good) // 2]
    flipped = packed.flipped(good)
    assert [(one ^ two).bit_count() for one, two in zip(good, flipped, strict=True) if one != two] == [1]
    assert packed.emptied(good) == b""


def test_packed_nothing_is_a_whole_gzip() -> None:
    """It unpacks without an error, to nothing; what is not packed can't be such a file."""
    assert gzip.decompress(packed.packed_nothing(DUMP) or b"no gzip") == b""
    assert packed.packed_nothing(SQL) is None


@pytest.mark.parametrize("packing", PACKINGS, ids=[one.name for one in PACKINGS])
def test_bad_backup_is_packed_as_the_good_one(packing: Packing) -> None:
    """Whatever a team packs with, what is wrong is inside, and only there."""
    good = packing.pack(SQL)
    made = [packed.packed_nothing(good), packed.half_a_dump(good), packed.with_a_broken_line(good)]
    assert [packing_of(one or b"") for one in made] == [packing] * 3
    assert packing.unpack(made[0] or b"") == b""
    assert b"?\t?" in packing.unpack(made[2] or b"")
    archive = packing.pack(gzip.decompress(ARCHIVE))
    other = packed.other_layout(archive) or b""
    assert list(_files(gzip.compress(packing.unpack(other)))) == ["photos/README.txt"]


def test_half_a_dump_ends_behind_the_rows_of_a_table() -> None:
    """A table that it has is whole, and the last words are missing."""
    half = gzip.decompress(packed.half_a_dump(DUMP) or b"")
    assert half.endswith(b"\\.\n")
    assert SQL.startswith(half)
    assert b"complete" not in half


def test_broken_line_stands_among_the_rows() -> None:
    """The dump is whole but for a line in the rows of a table; without rows there is no such dump."""
    broken = gzip.decompress(packed.with_a_broken_line(DUMP) or b"")
    added = [line for line in broken.splitlines() if line not in SQL.splitlines()]
    assert len(added) == 1
    assert added[0].count(b"\t") == 1600
    assert broken.endswith(SQL[-40:])
    assert packed.with_a_broken_line(CUSTOM) is None
    assert packed.with_a_broken_line(SQL.replace(b"COPY", b"-- ")) is None


def test_commands_stand_before_and_behind_the_statements() -> None:
    """Whoever looks for a dump's first and last words finds them, and the commands between."""
    hostile = gzip.decompress(packed.with_commands(DUMP, ["\\! touch x"]) or b"")
    assert hostile.count(b"\\! touch x\n") == 2
    assert hostile.startswith(SQL[:30])
    assert hostile.endswith(SQL[-40:])
    assert packed.with_commands(CUSTOM, ["\\! touch x"]) is None


def test_archives_hold_what_they_say() -> None:
    """Half of the RDB, a flipped one, something else, or files that lead outside; a dump can't have such damage."""
    assert _files(packed.half_an_rdb(ARCHIVE) or b"") == {"redis-backup/dump.rdb": RDB[: len(RDB) // 2]}
    assert _files(packed.flipped_rdb(ARCHIVE) or b"") == {"redis-backup/dump.rdb": packed.flipped(RDB)}
    assert not any(name.endswith(".rdb") for name in _files(packed.other_layout(ARCHIVE) or b""))
    assert {"../x-beside", "/tmp/x-absolute"} < _files(packed.climbing(ARCHIVE, "x") or b"").keys()  # noqa: S108
    assert packed.flipped_rdb(DUMP) is packed.other_layout(SQL) is packed.climbing(RDB, "x") is None
