from __future__ import annotations

import errno
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rehearsal.results.store import (
    CHECKSUMS,
    StoreError,
    new_run_directory,
    point_latest,
    verify,
    write_checksums,
    write_whole,
)

STARTED = datetime(2026, 11, 23, 2, 0, 5, tzinfo=UTC)


def no_space(*_: object, **__: object) -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_directory_is_named_after_time_and_target(tmp_path: Path) -> None:
    """A person finds a run by when and what."""
    made = new_run_directory(tmp_path / "reports", STARTED, "Réplica de reference (processes, namespaces)")
    assert made == tmp_path / "reports" / "20261123-020005-replica-de-reference-processes-namespace"
    assert made.is_dir()


def test_two_in_one_second_are_two(tmp_path: Path) -> None:
    """Runs side by side do not write into each other's folder."""
    names = [new_run_directory(tmp_path, STARTED, "gw").name for _ in range(3)]
    assert names == ["20261123-020005-gw", "20261123-020005-gw-2", "20261123-020005-gw-3"]


@pytest.mark.parametrize("target", ["", "../../etc", "日本"])
def test_target_never_leads_elsewhere(tmp_path: Path, target: str) -> None:
    """Any target gives a folder directly under the root."""
    assert new_run_directory(tmp_path, STARTED, target).parent == tmp_path


def test_root_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    """The error says what, where and what to do."""
    root = tmp_path / "reports"
    root.write_text("a file")
    with pytest.raises(StoreError, match=r"Could not make a folder for the reports under .*reports: .+\. Free space"):
        new_run_directory(root, STARTED, "gw")


def test_latest_points_at_the_newest(tmp_path: Path) -> None:
    """`latest` is replaced, and survives a move of the whole folder."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        point_latest(tmp_path, tmp_path / name)
    assert (tmp_path / "latest").readlink() == Path("two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "one", "two"]


def test_latest_without_links_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where links can't be made, a file says the same."""
    monkeypatch.setattr(Path, "symlink_to", no_space)
    point_latest(tmp_path, tmp_path / "one")
    assert (tmp_path / "latest.txt").read_text() == "one\n"


def test_latest_that_is_a_folder_is_a_sentence(tmp_path: Path) -> None:
    """Somebody's own folder of that name is not removed."""
    (tmp_path / "latest" / "kept").mkdir(parents=True)
    with pytest.raises(StoreError, match="point latest at one"):
        point_latest(tmp_path, tmp_path / "one")
    assert (tmp_path / "latest" / "kept").is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["latest"]


def test_full_disk_keeps_the_file_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails leaves the older file whole and no scraps beside it."""
    path = tmp_path / "results.json"
    write_whole(path, "older")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(StoreError, match=r"Could not write .*results\.json: No space left on device\. Free space"):
        write_whole(path, "newer")
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_written_file_is_readable_by_others(tmp_path: Path) -> None:
    """A report made by root can be read by the auditor."""
    write_whole(tmp_path / "a", "é")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "a").read_bytes() == "é".encode()


def artefacts(directory: Path) -> None:
    """Write some artefacts and their checksums."""
    (directory / "assets").mkdir()
    for name in ("report.html", "results.json", "assets/a b.txt"):
        (directory / name).write_text(name)
    write_checksums(directory)


def test_untouched_artefacts_verify(tmp_path: Path) -> None:
    """Nothing changed is nothing said, and the checksums are not among what they cover."""
    artefacts(tmp_path)
    assert verify(tmp_path) == []
    assert len((tmp_path / CHECKSUMS).read_text().splitlines()) == 3


def test_each_change_is_named(tmp_path: Path) -> None:
    """Changed, missing and added files are told apart."""
    artefacts(tmp_path)
    (tmp_path / "report.html").write_text("all green")
    (tmp_path / "results.json").unlink()
    (tmp_path / "note.txt").write_text("hello")
    assert verify(tmp_path) == ["report.html has been changed", "results.json is missing", "note.txt has been added"]


def test_without_checksums_nothing_is_vouched_for(tmp_path: Path) -> None:
    """A folder that can't be verified is not reported as unchanged."""
    with pytest.raises(StoreError, match="Could not read the checksums"):
        verify(tmp_path)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_checksums_are_read_by_sha256sum(tmp_path: Path) -> None:
    """An auditor needs no program of ours."""
    artefacts(tmp_path)
    subprocess.run(["sha256sum", "--check", "--strict", CHECKSUMS], cwd=tmp_path, check=True, capture_output=True)
