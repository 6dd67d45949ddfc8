"""A backup's bytes, unpacked layer by layer: whether it is whole, and all that is in it. Nothing of it is run."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, replace

from rehearsal.backups.dumps import CUSTOM_MAGIC
from rehearsal.backups.packing import DAMAGE, packing_of
from rehearsal.backups.rdb import RdbError, is_rdb, read_head

_DAMAGE = (*DAMAGE, tarfile.TarError)
_MOST_LAYERS = 3
_TAR_MAGIC_AT = 257
_TRAILERS = (b"-- PostgreSQL database dump complete", b"-- PostgreSQL database cluster dump complete")
_SQL = (b"--", b"\n--", b"SET ", b"CREATE ", b"\\connect", b"BEGIN", b"INSERT ", b"COPY ", b"DROP ", b"/*")
_TAIL = 1000


@dataclass(frozen=True, slots=True)
class Opened:
    """What can be said of a backup without restoring it."""

    content: bytes = b""
    """All that was packed, one after the other."""
    broken: str = ""
    """Why nobody could restore it: `its gzip breaks off`; empty where nothing speaks against it."""
    form: str = ""
    """`custom` for pg_dump's own format, `another form` for one that is not known here; empty where it was judged."""


def open_backup(data: bytes) -> Opened:
    """Unpack a backup and say whether it is whole."""
    if not data:
        return Opened(broken="it is empty")
    packed = packing_of(data) is not None
    for _ in range(_MOST_LAYERS):
        packing = packing_of(data)
        if packing is None:
            break
        try:
            data = packing.unpack(data)
        except _DAMAGE as error:
            return Opened(broken=f"it can't be unpacked to its end ({error or type(error).__name__})")
    if data[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar":
        return _tar(data)
    judged = _judged(data)
    # pg_restore reads its own format as it is, and not once it is packed.
    return replace(judged, form="another form") if packed and judged.form == "custom" else judged


def _tar(data: bytes) -> Opened:
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            files = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
            parts = {name: file.read() for name, file in files.items() if file}
    except _DAMAGE as error:
        return Opened(broken=f"its tar can't be read to its end ({error})")
    judged = [_judged(part) for name, part in parts.items() if name.endswith((".rdb", ".sql"))]
    broken = next((one.broken for one in judged if one.broken), "" if parts else "its tar holds no file")
    return Opened(b"\n".join(parts.values()), broken, "" if judged or broken else "another form")


def _judged(data: bytes) -> Opened:
    if not data:
        return Opened(broken="there is nothing in it")
    if data.startswith(CUSTOM_MAGIC):
        return Opened(data, form="custom")
    if is_rdb(data):
        try:
            read_head(data, data[-9:])
        except RdbError as error:
            return Opened(data, broken=str(error))
        return Opened(data)
    if data.startswith(_SQL):
        tail = data[-_TAIL:]
        whole = any(trailer in tail for trailer in _TRAILERS)
        return Opened(data, broken="" if whole else "the dump in it does not come to its end")
    return Opened(data, form="another form")
