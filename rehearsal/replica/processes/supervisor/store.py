"""Fresh stores, as the official images make them from empty volumes."""

from __future__ import annotations

import contextlib
import os
import shutil
import tarfile
import tempfile

from rehearsal.replica.processes.plan import Plan
from rehearsal.replica.processes.supervisor import kernel
from rehearsal.replica.processes.supervisor.children import Children, Start

_SECONDS = 60
_MEMORY_LINE = 6
"""Of postmaster.pid: the key and the id of a System V segment."""


class StoreError(Exception):
    """A store that could not be made: what was run, and its last words."""


def fresh_postgres(plan: Plan, children: Children) -> bool:
    """Make an empty cluster with an empty database of the right name, and tell whether it came from the template.

    Raises StoreError.
    """
    data = plan.store.data
    release_memory(plan)
    _empty(data, 0o700)
    from_template = os.path.isfile(plan.store.template)
    if from_template:
        _unpack(plan, children)
        os.chmod(data, 0o700)
    _give_to_nobody(plan, data)
    if not from_template:
        _run(plan, children, plan.store.initdb, "")
        _run(plan, children, plan.store.single, plan.store.statements)
    return from_template


def release_memory(plan: Plan) -> None:
    """Give back the machine's shared memory that a killed server of a plain replica has left: its file tells which."""
    if plan.isolation != "plain":
        return
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(f"{plan.store.data}/postmaster.pid") as file:
            number = int(file.read().splitlines()[_MEMORY_LINE].split()[1])
        kernel.remove_shared_memory(number)


def fresh_redis(plan: Plan) -> None:
    """Empty the folder that Redis sees as /data."""
    _empty(plan.store.redis_data, 0o755)


def pack(plan: Plan, file: int) -> None:
    """Write the cluster as a tar file, for the next replica. Only before the server has started."""
    with os.fdopen(file, "wb") as target, tarfile.open(fileobj=target, mode="w|") as archive:
        archive.add(plan.store.data, arcname=".", filter=_nobodys)


def _unpack(plan: Plan, children: Children) -> None:
    program = shutil.which("tar", path=plan.operator["PATH"])
    if program is not None:
        # Five times as fast as tarfile, and every replica starts with it.
        _run(plan, children, (program, "-xf", plan.store.template, "-C", plan.store.data), "", unprivileged=False)
        return
    with tarfile.open(plan.store.template) as archive:
        archive.extractall(plan.store.data, filter="data")


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _empty(folder: str, mode: int) -> None:
    # The folder itself stays: it may be a link, or what a service has as its current directory.
    os.makedirs(folder, exist_ok=True)
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)
    os.chmod(folder, mode)


def _give_to_nobody(plan: Plan, data: str) -> None:
    if plan.isolation == "plain" and os.geteuid() == 0:
        for place, folders, files in os.walk(data):
            for name in (".", *folders, *files):
                with contextlib.suppress(FileNotFoundError):
                    os.chown(os.path.join(place, name), 65534, 65534, follow_symlinks=False)


def _run(plan: Plan, children: Children, argv: tuple[str, ...], text: str, *, unprivileged: bool = True) -> None:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as words:
        words.write(text.encode())
        words.seek(0)
        streams = (words.fileno(), output.fileno(), output.fileno())
        child = children.start(Start(argv, plan.root or "/", plan.operator, streams, unprivileged=unprivileged))
        child.ended.wait(_SECONDS)
        if child.code != 0:
            output.seek(0)
            said = output.read(1 << 16).decode(errors="replace").strip().splitlines()[-5:]
            msg = f"expected {os.path.basename(argv[0])} to make a store, got exit {child.code}: {' / '.join(said)}"
            raise StoreError(msg)
