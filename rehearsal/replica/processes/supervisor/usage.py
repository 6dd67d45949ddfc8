"""What the replica uses: processor time, memory, disk. Of its own processes, never of the machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from typing import Any

import psutil

INODES_PER_MIB = 64


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the processor time of processes and of the children that they have reaped."""
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
            total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return total


def memory_bytes(processes: Iterable[psutil.Process]) -> int:
    """Return the memory of processes, with what they share counted once where the kernel tells."""
    total = 0
    for process in processes:
        if process.pid == os.getpid():
            # The supervisor is none of the gateway's.
            continue
        with contextlib.suppress(psutil.Error, OSError):
            full = process.memory_full_info()
            total += getattr(full, "pss", 0) or full.rss
    return total


def everything(isolation: str) -> list[psutil.Process]:
    """Return every process of the replica, the supervisor included (its children's time is in its own)."""
    if isolation == "namespaces":
        return list(psutil.process_iter())
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def family(
    pid: int, parents: Mapping[int, list[psutil.Process]], known: Mapping[int, psutil.Process]
) -> list[psutil.Process]:
    """Return a process with its descendants."""
    found = [known[pid]] if pid in known else []
    for process in found:
        found.extend(parents.get(process.pid, ()))
    return found


def by_parent(processes: Iterable[psutil.Process]) -> dict[int, list[psutil.Process]]:
    """Sort processes by the one that started them."""
    parents: dict[int, list[psutil.Process]] = {}
    for process in processes:
        with contextlib.suppress(psutil.Error):
            parents.setdefault(process.ppid(), []).append(process)
    return parents


def disks(folders: Iterable[str], root: str, disk_mib: int) -> list[dict[str, Any]]:
    """Return use of each file system that the folders lie on, or of the plain replica's folder."""
    if root:
        return [_folder(root, disk_mib)]
    seen: dict[int, dict[str, Any]] = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            device, figures = os.stat(folder).st_dev, os.statvfs(folder)
            seen.setdefault(
                device,
                {
                    "mount": folder,
                    "used_percent": 100 * (1 - figures.f_bavail / max(1, figures.f_blocks)),
                    "inodes_percent": 100 * (1 - figures.f_favail / max(1, figures.f_files)),
                    "size_bytes": figures.f_blocks * figures.f_frsize,
                },
            )
    return list(seen.values())


def _folder(root: str, disk_mib: int) -> dict[str, Any]:
    used = count = 0
    for place, _, names in os.walk(root):
        for name in names:
            with contextlib.suppress(OSError):
                used += os.lstat(os.path.join(place, name)).st_blocks * 512
                count += 1
    size = disk_mib << 20
    return {
        "mount": root,
        "used_percent": 100 * used / size,
        "inodes_percent": 100 * count / (disk_mib * INODES_PER_MIB),
        "size_bytes": size,
    }
