"""One service: its process, its log, and the restart policy `unless-stopped`."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import Literal

from rehearsal.replica.processes.plan import Plan, ServicePlan
from rehearsal.replica.processes.supervisor import layout, trees
from rehearsal.replica.processes.supervisor.children import Child, Children, Start

State = Literal["created", "running", "paused", "restarting", "exited"]
# As Docker waits: 0.1 s, doubled with each death, forgotten after ten seconds of life.
_FIRST_BACK_OFF, _LONGEST_BACK_OFF, _HEALTHY_LIFE = 0.1, 60.0, 10.0


class Service:
    """A service of the replica. Methods may be called from any thread."""

    def __init__(self, plan: ServicePlan, whole: Plan, children: Children, log: str) -> None:
        self.plan, self.log = plan, log
        self.state: State = "created"
        self.restarts = 0
        self.removed = False
        """Its container is gone, as after a prune: `start` finds none, `up` makes one."""
        self.exit_code: int | None = None
        self.since = time.time()
        self.guests: dict[int, Child] = {}
        """What was started in it by `exec`, by pid: it lives and dies with the service, as in a container."""
        self._whole, self._children = whole, children
        self._child: Child | None = None
        self._wanted = False
        self._back_off = _FIRST_BACK_OFF
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """The first process of the service, while it runs."""
        child = self._child
        return child.pid if child is not None and child.code is None else None

    def welcome(self, child: Child) -> None:
        """Take a command for one that runs in this service."""
        with self._lock:
            self.guests = {pid: one for pid, one in self.guests.items() if one.code is None} | {child.pid: child}

    def start(self) -> None:
        """Start the service unless it runs. Raises OSError when its program can't be started."""
        with self._lock:
            self._wanted = True
            if self.pid is None:
                self._cancel_timer()
                # As Docker counts: restarts since an operator last started it.
                self.restarts, self._back_off = 0, _FIRST_BACK_OFF
                self._launch()

    def stop(self, number: int | None = None, seconds: float | None = None) -> None:
        """Ask the service to end, end it after its time limit, and leave it down."""
        with self._lock:
            self._wanted = False
            self._cancel_timer()
            child, pid = self._child, self.pid
            if self.state == "restarting":
                self._set("exited")
        if child is None or pid is None:
            return
        trees.send(pid, signal.SIGCONT)
        _signal(pid, number or self.plan.stop_signal)
        if not child.ended.wait(self.plan.stop_seconds if seconds is None else seconds):
            trees.end(pid)
            child.ended.wait(5)
        self._settle()

    def create(self) -> None:
        """Start the service, with a container made anew where it has none. Raises OSError."""
        self.removed = False
        self.start()

    def remove(self) -> bool:
        """Take the container of a service that is down; tell whether there was one."""
        with self._lock:
            if self.removed or self.pid is not None or self.state == "restarting":
                return False
            self.removed = True
            return True

    def kill(self, number: int = signal.SIGKILL, *, crash: bool = False) -> None:
        """Send a signal. SIGKILL goes to all processes of the service; after a `crash` the restart policy applies."""
        with self._lock:
            child, pid = self._child, self.pid
            if number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
                self._wanted = self._wanted and crash
        if child is None or pid is None:
            return
        if number == signal.SIGKILL:
            trees.end(pid)
            child.ended.wait(5)
            self._settle()
        else:
            _signal(pid, number)

    def pause(self) -> None:
        """Freeze every process of the service."""
        with self._lock:
            if self.pid is not None and self.state == "running":
                self._signal_all(signal.SIGSTOP)
                self.state = "paused"

    def resume(self) -> None:
        """Undo `pause`."""
        with self._lock:
            if self.pid is not None and self.state == "paused":
                self._signal_all(signal.SIGCONT)
                self.state = "running"

    def _signal_all(self, number: int) -> None:
        for pid in (self.pid, *(one.pid for one in self.guests.values() if one.code is None)):
            if pid is not None:
                trees.send(pid, number)

    def _launch(self) -> None:
        for pair in self.plan.rewritten:
            layout.rewrite(pair, self._whole.replacements)
        # Appending: what is truncated or rotated is never written over, and /dev/stdout opens it a second time.
        out = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        inward, outward = os.pipe()
        try:
            os.write(outward, self.plan.settings.encode())
            os.close(outward)
            start = Start(
                self.plan.argv,
                self.plan.directory,
                self.plan.environment,
                (inward, out, out),
                unprivileged=self.plan.unprivileged,
            )
            self._child = self._children.start(start, self._when_ended)
        except OSError as error:
            os.write(out, f"{error}\n".encode())
            raise
        finally:
            os.close(inward)
            os.close(out)
        self._set("running")

    def _when_ended(self, child: Child) -> None:
        threading.Thread(target=self._after_end, args=(child,), daemon=True).start()

    def _after_end(self, child: Child) -> None:
        with self._lock:
            # As with a container, nothing of the service outlives its first process.
            trees.end(child.pid)
            if child is not self._child:
                return
            for guest in self.guests.values():
                if guest.code is None:
                    trees.end(guest.pid)
            self.guests.clear()
            lived = time.time() - self.since
            self.exit_code = child.code
            if not self._wanted:
                self._set("exited")
                return
            self._set("restarting")
            self._back_off = _FIRST_BACK_OFF if lived > _HEALTHY_LIFE else min(_LONGEST_BACK_OFF, self._back_off * 2)
            self._timer = threading.Timer(self._back_off / 2, self._restart)
            self._timer.daemon = True
            self._timer.start()

    def _restart(self) -> None:
        with self._lock:
            if self._wanted and self.pid is None:
                self.restarts += 1
                try:
                    self._launch()
                except OSError:
                    self._set("exited")

    def _settle(self) -> None:
        # Return only when the state says what has happened.
        deadline = time.monotonic() + 5
        while self.state in ("running", "paused") and self.pid is None and time.monotonic() < deadline:
            time.sleep(0.002)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _set(self, state: State) -> None:
        self.state, self.since = state, time.time()


def _signal(pid: int, number: int) -> None:
    # It may end by itself just now, as a worker does whose store is stopped beside it.
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
