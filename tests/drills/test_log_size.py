"""From which size on a clean-up takes a log that is in use."""

from __future__ import annotations

import pytest

from rehearsal.drills.logs import bigger_than_asked

MIB = 1 << 20


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("find ./logs -name '*.log' -size +10M -exec gzip {} +", 10),
        ("find ./logs -size +2048k -print", 2),
        ("Logs com mais de 5 MB ganham outro nome.", 5),
        ("Logs over 10MB are put aside.", 10),
        ("if path.stat().st_size > 12 * 1024 * 1024:", 12),
        ("[ $(stat -c %s $log) -gt 8388608 ] || exit", 8),
        ("the disk has 500 GB, and logs go after 30 days", 0),
        ("find ./logs -mtime +30 -delete", 0),
    ],
)
def test_size_is_read(text: str, size: int) -> None:
    """A log of the drill is a little larger than any size that the section or its scripts name, if it has one."""
    assert bigger_than_asked(text) == (size + 1) * MIB
