"""Figures of use that /proc shows in place of the replica's own: how a monitor judges them is what a drill asks.

Standard library only: it also runs in the operator's container.
"""

from __future__ import annotations

import math
import os
import threading
import time

FILES = ("meminfo", "stat", "loadavg")
PAUSE_SECONDS = 0.002
"""The first figures of `top` are from two readings that are hardly further apart."""
_TICKS = 10_000
"""A hundred times those of Linux: what is counted in whole ticks is exact then, over a tenth of a second too."""
_UPTIME_TICKS = 30 * 24 * 3600 * 100
"""Idle ones of each processor: who takes the average since the start of the machine sees none of its use."""
_SYSTEM_SHARE = 0.2
_CACHED_SHARE = 0.6
"""Of the available memory: as on every host, most of it holds files that were read, and is not free."""


class Pretended:
    """One use of CPU and memory, shown from the moment it is made."""

    def __init__(self, cpus: float, memory_mib: int, cpu_percent: float, memory_percent: float) -> None:
        self.cpus, self.memory_mib = cpus, memory_mib
        self.cpu_percent, self.memory_percent = cpu_percent, memory_percent
        self.shown = threading.Event()
        """Set when all of it stands there."""
        self._began = time.monotonic()

    def write(self, folder: str) -> None:
        """Write FILES as they are now; of them only one changes once it has been shown."""
        put(folder, "stat", self._stat())
        if not self.shown.is_set():
            put(folder, "meminfo", self._meminfo())
            put(folder, "loadavg", self._loadavg())
            self.shown.set()

    def _meminfo(self) -> str:
        total = self.memory_mib * 1024
        available = round(total * (1 - self.memory_percent / 100))
        cached = int(available * _CACHED_SHARE)
        rows = {"MemTotal": total, "MemFree": available - cached, "MemAvailable": available, "Buffers": 0}
        rows |= {"Cached": cached, "SwapCached": 0, "Active": 0, "Inactive": cached, "SwapTotal": 0, "SwapFree": 0}
        rows |= dict.fromkeys(("Shmem", "Slab", "SReclaimable", "SUnreclaim"), 0)
        return "".join(f"{name + ':':<15}{kib:>9} kB\n" for name, kib in rows.items())

    def _stat(self) -> str:
        processors = max(1, math.ceil(self.cpus))
        ticks = (time.monotonic() - self._began) * _TICKS
        busy = ticks * self.cpu_percent / 100
        user, system = int(busy * (1 - _SYSTEM_SHARE)), int(busy * _SYSTEM_SHARE)
        idle = int(ticks) - user - system + _UPTIME_TICKS
        rows = [f"cpu  {user * processors} 0 {system * processors} {idle * processors} 0 0 0 0 0 0\n"]
        rows += [f"cpu{number} {user} 0 {system} {idle} 0 0 0 0 0 0\n" for number in range(processors)]
        began = int(time.time()) - _UPTIME_TICKS // 100
        return "".join([*rows, "intr 0\nctxt 0\n", f"btime {began}\nprocesses 100\nprocs_running 1\nprocs_blocked 0\n"])

    def _loadavg(self) -> str:
        load = self.cpus * self.cpu_percent / 100
        return f"{load:.2f} {load:.2f} {load:.2f} 1/100 100\n"


def put(folder: str, name: str, text: str) -> None:
    """Write a file in place: it is mounted over one of /proc."""
    file = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.pwrite(file, text.encode(), 0)
        os.ftruncate(file, len(text.encode()))
    finally:
        os.close(file)
