from __future__ import annotations

import gzip
import time
import zlib
from pathlib import Path

import pytest

from rehearsal.damage.backups import age, empty, flip, truncate


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Make a compressed backup."""
    path = tmp_path / "backup.sql.gz"
    path.write_bytes(gzip.compress(b"INSERT INTO t VALUES (1);\n" * 500, mtime=0))
    return path


def test_truncated(backup: Path) -> None:
    """The beginning is left, and gzip notices."""
    whole = backup.read_bytes()
    said = truncate(backup, 0.5)
    assert backup.read_bytes() == whole[: len(whole) // 2]
    assert said == f"backup.sql.gz cut from {len(whole)} to {len(whole) // 2} bytes"
    with pytest.raises(EOFError):
        gzip.decompress(backup.read_bytes())


@pytest.mark.parametrize("position", [0, 0.3, 0.999, 1])
def test_one_bit_is_flipped(backup: Path, position: float) -> None:
    """Exactly one bit of the file differs, and gzip notices."""
    whole = backup.read_bytes()
    flip(backup, position)
    pairs = zip(whole, backup.read_bytes(), strict=True)
    assert sum((one ^ other).bit_count() for one, other in pairs) == 1
    with pytest.raises((OSError, EOFError, zlib.error)):
        gzip.decompress(backup.read_bytes())


def test_emptied(backup: Path) -> None:
    """The name is left and nothing in it."""
    assert empty(backup) == "backup.sql.gz emptied"
    assert backup.stat().st_size == 0
    with pytest.raises(ValueError, match=r"empty file"):
        flip(backup)


def test_aged(backup: Path) -> None:
    """The file's time goes back, its content stays."""
    whole = backup.read_bytes()
    assert age(backup, 30 * 3600) == "backup.sql.gz made 30.0 hours old"
    assert time.time() - backup.stat().st_mtime == pytest.approx(30 * 3600, abs=60)
    assert backup.read_bytes() == whole
