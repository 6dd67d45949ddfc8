"""The whole stack: what may be asked of it. Each public method of `Stack` is one request of the control socket."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import psutil

from rehearsal.replica.processes.plan import Plan
from rehearsal.replica.processes.supervisor import commands, probes, store, usage
from rehearsal.replica.processes.supervisor.children import Child, Children
from rehearsal.replica.processes.supervisor.errors import RequestError
from rehearsal.replica.processes.supervisor.pretended import Pretended
from rehearsal.replica.processes.supervisor.service import Service

if TYPE_CHECKING:
    from rehearsal.replica.processes.supervisor.figures import Figures

Request = dict[str, Any]
Answer = dict[str, Any]
_SHOWN_SECONDS = 5


class Stack:
    """The services of one replica."""

    def __init__(self, plan: Plan, children: Children, own: str) -> None:
        self.plan, self.children, self._own = plan, children, own
        self.services = {one.name: Service(one, plan, children, f"{own}/logs/{one.name}.log") for one in plan.services}
        self._unsupported: list[str] = []
        self.figures: Figures | None = None
        """What /proc shows; None until it is kept, and in the plain arrangement."""

    def change(self, request: Request, _fds: list[int], _asker: socket.socket) -> Answer:
        """Start, stop, restart, kill, pause or resume services, all of them at the same time."""
        action, seconds, number = request["action"], request.get("seconds"), request.get("signal")
        acts = {
            "start": lambda one: one.start(),
            "up": lambda one: one.create(),
            "remove": lambda one: one.remove(),
            "stop": lambda one: one.stop(None, seconds),
            "restart": lambda one: (one.stop(None, seconds), one.start()),
            "kill": lambda one: one.kill(number or signal.SIGKILL, crash=request.get("crash", False)),
            "pause": lambda one: one.pause(),
            "resume": lambda one: one.resume(),
        }
        chosen = [self._service(name) for name in request["services"]]
        gone = [one.plan.name for one in chosen if one.removed]
        if gone and action in ("start", "restart"):
            msg = f'service "{gone[0]}" has no container to start'
            raise RequestError(msg)
        done = _all_at_once(acts[action], chosen)
        return {"removed": [one.plan.name for one, yes in zip(chosen, done, strict=True) if yes and action == "remove"]}

    def states(self, request: Request, _fds: list[int], _asker: socket.socket) -> Answer:
        """Return each service's state; with `health`, ask those that declare a probe."""
        found = list(self.services.values())
        health = _all_at_once(self._health, found) if request.get("health") else [None] * len(found)
        return {"services": [self._state(one, health=answer) for one, answer in zip(found, health, strict=True)]}

    def run(self, request: Request, fds: list[int], asker: socket.socket) -> Answer:
        """Run a command: the operator's, or one in a service, which must run."""
        name = request.get("service")
        environment, directory = self.plan.operator, self.plan.directory
        started: Callable[[Child], None] = lambda _: None  # noqa: E731 - as short as it is
        if name:
            service = self._service(name)
            if service.state == "paused" and not request.get("anew"):
                msg = f"Container {self.plan.project}-{name}-1 is paused, unpause the container before exec"
                raise RequestError(msg)
            if service.pid is None and not request.get("anew"):
                msg = f'service "{name}" is not running'
                raise RequestError(msg)
            environment, directory = service.plan.environment, service.plan.directory
            started = started if request.get("anew") else service.welcome
        directory = os.path.join(directory, request.get("directory") or "")
        whole = {**request, "environment": {**environment, **request.get("environment", {})}, "directory": directory}
        with self.figures.read() if self.figures else nullcontext():
            return commands.run(self.children, whole, fds, asker, started)

    def connect(self, request: Request, fds: list[int], _asker: socket.socket) -> Answer:
        """Connect to a port inside the replica, and hand the connection over."""
        connection = socket.create_connection(("127.0.0.1", request["port"]), timeout=request["seconds"])
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fds.append(connection.detach())
        return {}

    def open(self, request: Request, fds: list[int], _asker: socket.socket) -> Answer:
        """Open a file for reading, as the replica sees it, and hand it over."""
        with self.figures.read() if self.figures else nullcontext():
            fds.append(os.open(os.path.join(self.plan.directory, request["path"]), os.O_RDONLY | os.O_NONBLOCK))
        return {}

    def log(self, request: Request, fds: list[int], _asker: socket.socket) -> Answer:
        """Open a service's log, and hand it over."""
        path = self._service(request["service"]).log
        fds.append(os.open(path, os.O_RDONLY | os.O_CREAT, 0o644))
        return {}

    def mails(self, _request: Request, fds: list[int], _asker: socket.socket) -> Answer:
        """Open the file of received mails, and hand it over."""
        fds.append(os.open(f"{self._own}/mails", os.O_RDONLY | os.O_CREAT, 0o600))
        return {}

    def lose(self, request: Request, _fds: list[int], _asker: socket.socket) -> Answer:
        """Replace the data of `postgres` or `redis` by a fresh store. The service must be down."""
        service = self._service(request["service"])
        if service.pid is not None:
            msg = f"expected {service.plan.name} to be down before its data is lost; stop it first"
            raise RequestError(msg)
        if service.plan.name == "postgres":
            store.fresh_postgres(self.plan, self.children)
        else:
            store.fresh_redis(self.plan)
        return {}

    def usage(self, request: Request, _fds: list[int], _asker: socket.socket) -> Answer:
        """Return the use of processors (in processors), memory and disk over `interval` seconds."""
        before, began = self._cpu(), time.monotonic()
        time.sleep(request["interval"])
        after, passed = self._cpu(), max(0.001, time.monotonic() - began)
        families = {"": usage.everything(self.plan.isolation), **self._families()}
        rows = {
            name: {
                "cpu": max(0.0, after.get(name, 0.0) - before.get(name, 0.0)) / passed,
                "memory_bytes": usage.memory_bytes(processes),
                "processes": len(processes),
            }
            for name, processes in families.items()
        }
        folders = ("/", self.plan.directory, self.plan.store.data, self.plan.store.redis_data)
        disks = usage.disks(folders, self.plan.root, self.plan.disk_mib)
        limit = self.plan.memory_mib << 20
        if self.figures and (other := self.figures.pretended):
            _add_to(rows, "cpu", other.cpus * other.cpu_percent / 100)
            _add_to(rows, "memory_bytes", int(limit * other.memory_percent / 100))
        return {"whole": rows.pop(""), "services": rows, "disks": disks, "memory_limit": limit}

    def processes(self, request: Request, _fds: list[int], _asker: socket.socket) -> Answer:
        """Return the processes of a service."""
        rows = []
        for process in self._families().get(self._service(request["service"]).plan.name, []):
            try:
                rows.append({"pid": process.pid, "ppid": process.ppid(), "command": " ".join(process.cmdline())})
            except psutil.Error:
                continue
        return {"processes": rows}

    def connected(self, request: Request, _fds: list[int], _asker: socket.socket) -> Answer:
        """Tell whether a service has a connection to a port."""
        for process in self._families().get(request["service"], []):
            try:
                peers = [one.raddr for one in process.net_connections("tcp") if one.status == "ESTABLISHED"]
            except psutil.Error:
                continue
            if any(peer and peer.port == request["port"] for peer in peers):
                return {"connected": True}
        return {"connected": False}

    def pretend(self, request: Request, _fds: list[int], _asker: socket.socket) -> Answer:
        """Have /proc and `docker stats` show another use of CPU and memory, until asked again without figures."""
        deadline = time.monotonic() + _SHOWN_SECONDS
        while self.figures is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if self.figures is None:
            msg = "this replica keeps no figures of its own in /proc"
            raise RequestError(msg)
        percents = request.get("percents")
        other = Pretended(self.plan.cpus, self.plan.memory_mib, *percents) if percents else None
        self.figures.pretend(other)
        if other and not other.shown.wait(_SHOWN_SECONDS):
            msg = f"expected /proc to show other figures within {_SHOWN_SECONDS} s"
            raise RequestError(msg)
        return {}

    def unsupported(self, request: Request, _fds: list[int], _asker: socket.socket) -> Answer:
        """Remember a command that has no meaning on processes, if one is given, and return all of them."""
        if request.get("command"):
            self._unsupported.append(request["command"])
        return {"commands": self._unsupported}

    def _service(self, name: str) -> Service:
        short = name.removeprefix(f"{self.plan.project}-").removesuffix("-1")
        service = self.services.get(name) or self.services.get(short)
        if service is None:
            msg = f"no such service: {name}"
            raise RequestError(msg)
        return service

    def _health(self, service: Service) -> bool | None:
        plan = service.plan
        if not plan.probe:
            return None
        return service.state == "running" and probes.healthy(plan.probe, plan.port, plan.environment)

    def _state(self, service: Service, *, health: bool | None) -> Answer:
        return {
            "name": service.plan.name,
            "state": service.state,
            "health": health,
            "restarts": service.restarts,
            "exit": service.exit_code,
            "seconds": time.time() - service.since,
            "pid": service.pid,
            "hidden": service.plan.hidden,
            "removed": service.removed,
            "port": service.plan.container_port,
            "command": " ".join(service.plan.argv),
        }

    def _families(self) -> dict[str, list[psutil.Process]]:
        whole = usage.everything(self.plan.isolation)
        parents, known = usage.by_parent(whole), {process.pid: process for process in whole}
        return {
            name: [
                process
                for pid in (one.pid, *(guest.pid for guest in tuple(one.guests.values()) if guest.code is None))
                for process in usage.family(pid, parents, known)
            ]
            for name, one in self.services.items()
            if one.pid
        }

    def _cpu(self) -> dict[str, float]:
        each = {name: usage.cpu_seconds(processes) for name, processes in self._families().items()}
        return {"": usage.cpu_seconds(usage.everything(self.plan.isolation)), **each}


def _add_to(rows: dict[str, Any], name: str, whole: float) -> None:
    """Let the whole be what is pretended, and the service with the most have what is missing of it."""
    more = whole - rows[""][name]
    rows[""][name] = whole
    services = [row for service, row in rows.items() if service]
    if services and more > 0:
        most = max(services, key=lambda row: float(row[name]))
        most[name] += more


def _all_at_once(act: Callable[[Service], Any], services: Sequence[Service]) -> list[Any]:
    # Threads by hand: concurrent.futures takes 5 ms to import. The first error is raised when all have ended.
    answers: dict[str, Any] = {}

    def run(service: Service) -> None:
        try:
            answers[service.plan.name] = act(service)
        except OSError as error:
            answers[service.plan.name] = error

    threads = [threading.Thread(target=run, args=(service,)) for service in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers.values():
        if isinstance(answer, OSError):
            raise answer
    return [answers[service.plan.name] for service in services]
