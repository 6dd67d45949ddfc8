"""Files of a replica, read and written whole through its shell: what a drill does to backups."""

from __future__ import annotations

import base64
import hashlib
import shlex
import textwrap
import time
from pathlib import PurePosixPath

from rehearsal.drills.preparing import prepare
from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica

LARGEST = 1 << 28
"""Bytes of a backup that a drill damages: a replica's are small."""
_PIECE = 3 << 20
_ASIDE = "./.rehearsal-aside"
_DIGESTS = (hashlib.sha256, hashlib.sha1, hashlib.md5)


def read_whole(replica: Replica, path: str) -> bytes:
    """Return the content of a file. Raises TargetError, also for one that is too large."""
    content = replica.read_file(path, LARGEST)
    if len(content) == LARGEST:
        msg = f"expected {path} of {replica.name} to be below {LARGEST:,} bytes, it is not"
        raise TargetError(msg)
    return content


def overwrite(replica: Replica, path: str, content: bytes, *, timeout: float) -> None:
    """Give a file other content and leave its owner and mode as they are. Raises TargetError."""
    place, deadline = shlex.quote(path), time.monotonic() + timeout
    _run(replica, f": > {place}", path, timeout)
    for start in range(0, len(content), _PIECE):
        # Letters and a few digits only: nothing in it looks like an address or a path that a plain replica replaces.
        text = "\n".join(textwrap.wrap(base64.b32encode(content[start : start + _PIECE]).decode(), 76))
        script = f"base32 -d >> {place} <<'END'\n{text}\nEND"
        _run(replica, script, path, max(deadline - time.monotonic(), 1))


def put_aside(replica: Replica, path: str, stamp: str, *, timeout: float) -> None:
    """Take away what lies beside a backup and bears its stamp: manifests, checksums. Raises TargetError."""
    folder, name = shlex.quote(str(PurePosixPath(path).parent)), shlex.quote(PurePosixPath(path).name)
    script = (
        f"mkdir -p {_ASIDE} && find {folder} -maxdepth 1 -type f -name {shlex.quote(f'*{stamp}*')}"
        f" ! -name {name} -exec mv -t {_ASIDE} -- {{}} +"
    )
    _run(replica, script, path, timeout)


def sum_anew(replica: Replica, path: str, good: bytes, bad: bytes, *, timeout: float) -> None:
    """Write each file of a sum that was put aside again, with the other content's digest in the place of its own.

    Whoever makes a backup of a store that is damaged sums up what it has made. A manifest that tells more, such as the
    rows, stays aside: it could not be of the same backup. Raises TargetError.
    """
    folder = shlex.quote(str(PurePosixPath(path).parent))
    digests = [[hash_of(content).hexdigest() for content in (good, bad)] for hash_of in _DIGESTS]
    known = "|".join(old for old, _ in digests)
    swaps = " ".join(f"-e s/{old}/{new}/" for old, new in digests)
    script = (
        f"[ ! -d {_ASIDE} ] || {{ grep -rlxE '({known})([ *].*)?' {_ASIDE} || true; }} | while read -r file; do"
        f' sed {swaps} "$file" > {folder}/"$(basename "$file")"; done'
    )
    _run(replica, script, path, timeout)


def bring_back(replica: Replica, path: str, *, timeout: float) -> None:
    """Undo `put_aside`, if there was one. Raises TargetError."""
    folder = shlex.quote(str(PurePosixPath(path).parent))
    script = f"[ ! -d {_ASIDE} ] || {{ find {_ASIDE} -type f -exec mv -t {folder} -- {{}} + && rmdir {_ASIDE}; }}"
    _run(replica, script, path, timeout)


def _run(replica: Replica, script: str, path: str, timeout: float) -> None:
    prepare(replica, script, f"change the backup {path}", timeout=timeout)
