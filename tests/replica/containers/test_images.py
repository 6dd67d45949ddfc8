"""`./run images` where it can't make them."""

from __future__ import annotations

import os
import runpy
import shutil

import pytest

from rehearsal.replica.containers.images import build


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """Run it, and return its one sentence."""
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(build.HERE / "__main__.py"), run_name="__main__")
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_ordinary_user_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Who is not root is told that only root can make them, and what else there is."""
    monkeypatch.setattr(build, "present", lambda _: False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "expected to be root" in refused(capsys)


def test_missing_mmdebstrap_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where mmdebstrap is missing, what installs it is named."""
    monkeypatch.setattr(build, "present", lambda _: False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "found none; .ci/engine installs it" in refused(capsys)


def test_no_engine_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an engine nothing is made, and it is said in one sentence."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert refused(capsys).startswith("images: ")


def test_images_name_no_registry() -> None:
    """What images are made from names no address: a machine without a way out to any registry makes them, too."""
    texts = [path.read_text() for path in build.HERE.iterdir() if path.is_file() and path.suffix != ".pyc"]
    assert len(texts) >= 4
    assert not [text for text in texts if "http://" in text or "https://" in text]
