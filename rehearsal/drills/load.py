"""Load that a drill puts on a replica: a disk that fills, a service that burns CPU or holds memory."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rehearsal.drills.preparing import prepare
from rehearsal.gateway.target import NotOnThisTargetError, TargetError
from rehearsal.replica.protocol import Replica

IN_CONTAINERS = "./redis-data"
"""The only folder of a container replica's operator that lies on a disk of the replica's own."""
BALLAST = ".rehearsal-ballast"
MARK = "rehearsal-load"
"""Stands in the command line of each process that is load."""
_MIB = 1 << 20
_TOO_MUCH = 99
_LONGEST_SECONDS = 300
"""Load ends by itself then, should the run be killed where nothing else ends it."""
# The ballast grows and shrinks: what is there already is not written again.
_FILL = """
cd -- {folder} && read -r used free < <(/usr/bin/df -B1 --output=used,avail . | tail -n 1) || exit 1
there=$(stat -c %s {ballast} 2>/dev/null || echo 0)
wanted=$(( there + (used + free) * {per_mille} / 1000 - used ))
(( wanted > 0 )) || wanted=0
# In containers the disk is memory, charged to who writes: beyond its limit the writer would be ended.
most=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | grep -m 1 -x '[0-9]*')
(( wanted < ${{most:-(wanted + 1) * 2}} * 3 / 4 )) || exit {too_much}
if (( wanted <= there )); then truncate -s "$wanted" {ballast}; exit; fi
fallocate -l "$wanted" {ballast} 2>/dev/null || head -c "$(( wanted - there ))" /dev/zero >> {ballast}
"""
_BUSY = ": {mark}; while :; do :; done"
# `tail` keeps the one long line that it reads until its input ends.
_HOLDER = ": {mark}; (head -c {bytes} /dev/zero; sleep {seconds}) | tail > /dev/null"


def fill(replica: Replica, folder: str, percent: float, *, timeout: float) -> None:
    """Fill the file system of a folder to that part of what `df` counts. Raises TargetError.

    Raises NotOnThisTargetError where that is the machine's: in the plain arrangement, in containers elsewhere.
    """
    if replica.isolation == "plain":
        msg = "the disk of a plain replica is the machine's own, which nothing may fill"
        raise NotOnThisTargetError(msg)
    if replica.kind == "containers" and folder != IN_CONTAINERS:
        msg = "the disk of a container replica's gateway directory is the machine's own, which nothing may fill"
        raise NotOnThisTargetError(msg)
    script = _FILL.format(
        folder=shlex.quote(folder), ballast=BALLAST, per_mille=round(percent * 10), too_much=_TOO_MUCH
    )
    run = replica.run_script(script, timeout=timeout)
    if run.exit_code == _TOO_MUCH:
        msg = f"the disk of {folder} can't be filled to {percent:g} %: it is memory, of which a container has less"
        raise NotOnThisTargetError(msg)
    if not run.ok:
        msg = f"expected to fill the disk of {folder} in {replica.name} to {percent:g} %; that {run.ending}"
        raise TargetError(msg)


def empty(replica: Replica, folder: str, *, timeout: float) -> None:
    """Take the ballast away again, where there is any."""
    replica.run_script(f"rm -f -- {shlex.quote(folder)}/{BALLAST}", timeout=timeout)


@contextmanager
def filled(replica: Replica, folder: str, percent: float, *, timeout: float) -> Iterator[None]:
    """Keep a file system filled inside the block. Raises what `fill` raises."""
    fill(replica, folder, percent, timeout=timeout)
    try:
        yield
    finally:
        empty(replica, folder, timeout=timeout)


@contextmanager
def burning(replica: Replica, service: str, processes: int, *, timeout: float) -> Iterator[None]:
    """Keep processes of a service busy inside the block, by `exec` as an operator would. Raises TargetError."""
    with _inside(replica, service, [_BUSY.format(mark=MARK)] * processes, timeout):
        yield


@contextmanager
def holding(replica: Replica, service: str, size: int, *, timeout: float) -> Iterator[None]:
    """Have a process of a service hold that many bytes of memory inside the block. Raises TargetError."""
    holder = _HOLDER.format(mark=MARK, bytes=max(size, _MIB), seconds=_LONGEST_SECONDS)
    with _inside(replica, service, [holder], timeout):
        yield


def helped(replica: Replica, cpu_percent: float) -> bool:
    """Have a replica show an exact use of CPU beside its real one of memory; tell whether it can."""
    try:
        replica.pretend(cpu_percent, replica.resources(interval=0.1).memory_percent)
    except NotOnThisTargetError:
        return False
    return True


@contextmanager
def held_up(replica: Replica, service: str, seconds: float) -> Iterator[None]:
    """Freeze a service from the beginning of the block on, for so long: what is asked of it meanwhile waits."""
    replica.pause(service)
    timer = threading.Timer(seconds, replica.resume, [service])
    timer.start()
    try:
        yield
    finally:
        timer.join()


@contextmanager
def _inside(replica: Replica, service: str, commands: list[str], timeout: float) -> Iterator[None]:
    quiet = "> /dev/null 2>&1 < /dev/null"
    words = [f"timeout {_LONGEST_SECONDS} sh -c {shlex.quote(command)}" for command in commands]
    script = "\n".join(f"docker-compose exec -T {service} {word} {quiet} &" for word in words)
    prepare(replica, script, f"put load into {service}", timeout=timeout)
    try:
        yield
    finally:
        # What a restart of the service has not ended; itself it is none of them, by the brackets.
        ended = f"pkill -KILL -f '[{MARK[0]}]{MARK[1:]}' || true"
        with suppress(TargetError):
            replica.run_script(f"docker-compose exec -T {service} sh -c {shlex.quote(ended)}", timeout=timeout)
