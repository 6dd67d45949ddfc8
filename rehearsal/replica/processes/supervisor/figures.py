"""Keeps /proc/meminfo, stat and loadavg true of the replica: any monitor script then judges it, not the machine."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from rehearsal.replica.processes.plan import Plan
from rehearsal.replica.processes.supervisor import pretended, usage

_PAUSE_SECONDS = 0.2
"""Shorter than what a monitor script sleeps between two readings of /proc/stat."""
_MEMORY_SECONDS = 1.0
"""To ask each process for its memory takes the kernel some time."""
_IDLE_SECONDS = 5.0
"""While nobody reads them."""
_TICKS = 100
_MINUTES = (1, 5, 15)


class Figures:
    """The figures of one replica, written in place: the files are mounted over those of /proc."""

    def __init__(self, plan: Plan, folder: str) -> None:
        self._plan, self._folder = plan, folder
        self.pretended: pretended.Pretended | None = None
        """Shown in place of the replica's own use."""
        self._processors = max(1, math.ceil(plan.cpus))
        with open(f"{folder}/stat") as file:
            self._boot = next((line for line in file if line.startswith("btime")), f"btime {int(time.time())}\n")
        self._began = self._last = time.monotonic()
        self._busy = self._idle = 0.0
        self._measured = -_MEMORY_SECONDS
        self._loads = [0.0] * len(_MINUTES)
        self._lock, self._asked = threading.RLock(), threading.Event()
        self._readers = 0
        """Commands that run now."""
        self._write_processors()

    def keep(self) -> None:
        """Write the figures some five times a second while a command may read them, else now and then; for ever."""
        with self._lock:
            self.write()
        while True:
            self._write()
            pause = _PAUSE_SECONDS if self.pretended is None else pretended.PAUSE_SECONDS
            self._asked.wait(pause if self._readers else _IDLE_SECONDS)
            self._asked.clear()

    @contextmanager
    def read(self) -> Iterator[None]:
        """Keep the figures true of each moment while a command runs, from its first one on."""
        with self._lock:
            self._readers += 1
            if self._readers == 1:
                self._measured = -_MEMORY_SECONDS
            self._write()
        self._asked.set()
        try:
            yield
        finally:
            with self._lock:
                self._readers -= 1

    def pretend(self, other: pretended.Pretended | None) -> None:
        """Show other figures, or one's own again."""
        self.pretended = other
        self._asked.set()

    def _write(self) -> None:
        with self._lock:
            if self.pretended:
                self.pretended.write(self._folder)
            elif time.monotonic() - self._last > _PAUSE_SECONDS / 2:
                self.write()

    def write(self) -> None:
        """Write the replica's own figures as they are now."""
        processes = usage.everything(self._plan.isolation)
        now = time.monotonic()
        busy = max(self._busy, usage.cpu_seconds(processes))
        # Idle time never goes back, even where more was used than was given.
        self._idle += max(0.0, (now - self._last) * self._plan.cpus - (busy - self._busy))
        running = sum(1 for process in processes if _runs(process))
        self._age_loads(running, now - self._last)
        self._busy, self._last = busy, now
        if now - self._measured >= _MEMORY_SECONDS:
            self._put("meminfo", self._meminfo(usage.memory_bytes(processes)))
            self._measured = now
        self._put("stat", self._stat(running, len(processes)))
        loads = " ".join(f"{load:.2f}" for load in self._loads)
        self._put("loadavg", f"{loads} {running}/{len(processes)} {max((p.pid for p in processes), default=1)}\n")

    def _age_loads(self, running: int, seconds: float) -> None:
        for place, minutes in enumerate(_MINUTES):
            share = math.exp(-seconds / (60 * minutes))
            self._loads[place] = self._loads[place] * share + running * (1 - share)

    def _meminfo(self, used: int) -> str:
        total = self._plan.memory_mib * 1024
        free = max(0, total - used // 1024)
        rows = {"MemTotal": total, "MemFree": free, "MemAvailable": free}
        rows |= dict.fromkeys(("Buffers", "Cached", "SwapCached", "SwapTotal", "SwapFree", "Shmem", "SReclaimable"), 0)
        return "".join(f"{name + ':':<15}{kib:>9} kB\n" for name, kib in rows.items())

    def _stat(self, running: int, processes: int) -> str:
        busy, idle = int(self._busy * _TICKS), int(self._idle * _TICKS)
        rows = [f"cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\n"]
        share = self._processors
        rows += [f"cpu{n} {busy // share} 0 0 {idle // share} 0 0 0 0 0 0\n" for n in range(share)]
        rows += ["intr 0\nctxt 0\n", self._boot, f"processes {processes}\nprocs_running {running}\nprocs_blocked 0\n"]
        return "".join(rows)

    def _write_processors(self) -> None:
        with open(f"{self._folder}/cpuinfo") as file:
            blocks = file.read().split("\n\n")
        self._put("cpuinfo", "\n\n".join(blocks[: self._processors]).rstrip() + "\n\n")

    def _put(self, name: str, text: str) -> None:
        pretended.put(self._folder, name, text)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(
            process.pid != os.getpid() and process.status() in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)
        )
    except psutil.Error:
        return False
