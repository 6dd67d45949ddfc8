"""The files of a live host, over ssh and locally."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from rehearsal.backups.copies import fetch, private_folder
from rehearsal.gateway.target import TargetError
from rehearsal.live import open_live
from tests.live.conftest import MakeGateway
from tests.live.sshd import Sshd

SIZES = {"empty": 0, "a byte": 1, "one piece": 8 << 20, "more than two pieces": (16 << 20) + 3}
LARGEST = 1 << 30


@pytest.fixture(params=["ssh", "local"])
def spec(request: pytest.FixtureRequest, host: Sshd) -> str:
    """A host in each of two ways."""
    return host.spec if request.param == "ssh" else "local://"


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_copy_is_what_the_host_has(spec: str, gateway: MakeGateway, tmp_path: Path, size: int) -> None:
    """Each byte of a file of any size arrives, under a name with blanks and quotes, and the file is as it was."""
    content = os.urandom(size)
    source = tmp_path / 'it\'s a "backup" $(id).gz'
    source.write_bytes(content)
    before = source.stat()
    with open_live(spec, gateway()) as live, private_folder() as folder:
        listed = {file.name: file for file in live.files.list_files(str(tmp_path), timeout=20)}
        file = listed[source.name]
        assert file.size == size
        assert -1 <= file.age < 120
        copy = fetch(live.files, file, folder, largest=LARGEST, timeout=30)
        assert copy.path.read_bytes() == content
        assert copy.sha256 == hashlib.sha256(content).hexdigest()
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
    after = source.stat()
    assert (after.st_mtime_ns, after.st_ctime_ns, after.st_mode) == (
        before.st_mtime_ns,
        before.st_ctime_ns,
        before.st_mode,
    )


def test_no_folder_is_an_empty_list(spec: str, gateway: MakeGateway, tmp_path: Path) -> None:
    """Where nothing was ever backed up there are no files; what is in folders below is none of them."""
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "x").touch()
    with open_live(spec, gateway()) as live:
        assert list(live.files.list_files(str(tmp_path / "missing"), timeout=20)) == []
        assert list(live.files.list_files(str(tmp_path / "below" / ".."), timeout=20)) == []


def test_file_that_goes_or_grows_is_an_error_in_a_sentence(spec: str, gateway: MakeGateway, tmp_path: Path) -> None:
    """A file that is not there any more, is too large, or is not what was copied is never taken for a backup."""
    source = tmp_path / "x.gz"
    source.write_bytes(b"x" * 1000)
    with open_live(spec, gateway()) as live, private_folder() as folder:
        (file,) = (one for one in live.files.list_files(str(tmp_path), timeout=20) if one.name == "x.gz")
        with pytest.raises(TargetError, match="to fit into a replica's disk"):
            fetch(live.files, file, folder, largest=999, timeout=20)
        source.unlink()
        with pytest.raises(TargetError, match=r"x\.gz"):
            fetch(live.files, file, folder, largest=LARGEST, timeout=20)
    assert not folder.exists()
