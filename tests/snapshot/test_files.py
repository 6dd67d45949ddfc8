from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.snapshot import SnapshotError
from rehearsal.snapshot.files import compare, take


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with files, folders and links."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ação.txt").write_text("conteúdo")
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("sub/ação.txt")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def _rewrite(folder: Path) -> None:
    (folder / "sub" / "ação.txt").write_text("conteudo!")


def _relink(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").symlink_to("empty")


def _unmake_pipe(folder: Path) -> None:
    (folder / "pipe").unlink()
    (folder / "pipe").touch()


SABOTAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "content of the same size": (_rewrite, "file sub/ação.txt"),
    "lost": (lambda folder: (folder / "empty").unlink(), "file empty"),
    "new": (lambda folder: (folder / "sub" / "new").mkdir(), "file sub/new"),
    "mode": (lambda folder: (folder / "empty").chmod(0o600), "file empty"),
    "link elsewhere": (_relink, "file link"),
    "kind": (_unmake_pipe, "file pipe"),
}


@pytest.mark.parametrize(("sabotage", "where"), SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotage_is_named(folder: Path, sabotage: Callable[[Path], object], where: str) -> None:
    """Each change of a folder is told with the file's name."""
    before = take(folder)
    sabotage(folder)
    found = compare(before, take(folder))
    assert [difference.where for difference in found] == [where]
    assert found[0].expected != found[0].observed


def test_nothing_changed_is_no_difference(folder: Path) -> None:
    """Reading a file or copying it anew, with another time, changes nothing."""
    before = take(folder)
    assert sorted(before.entries) == ["empty", "link", "pipe", "sub", "sub/ação.txt"]
    os.utime(folder / "empty", (0, 0))
    assert compare(before, take(folder)) == ()


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    """A folder that is not there is not an empty one."""
    with pytest.raises(SnapshotError, match=r"nowhere could not be read whole: .*No such file"):
        take(tmp_path / "nowhere")
