"""An sshd of the test's own: its own keys, on a free port of loopback, ended by its own handle."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.with_us import WITH_US

_DEADLINE = 20


@dataclass(frozen=True)
class Sshd:
    """A running sshd, and what a client needs to reach it."""

    folder: Path
    port: int
    pid: int

    @property
    def spec(self) -> str:
        """As `--hosts` takes it."""
        return f"ssh://{pwd.getpwuid(os.getuid()).pw_name}@127.0.0.1:{self.port}"

    @property
    def config(self) -> Path:
        """A client's configuration that knows the host's key and has an accepted key."""
        return self.client("good", port=self.port)

    def client(self, name: str, *, port: int, key: str = "key", known: str = "known", more: str = "") -> Path:
        """Write a client's configuration for the host behind a port."""
        host_key = (self.folder / "host.pub").read_text().split()[:2]
        (self.folder / "known").write_text(f"gw {' '.join(host_key)}\n")
        (self.folder / "unknown").write_text("")
        file = self.folder / f"config.{name}.{port}"
        file.write_text(
            f"HostKeyAlias gw\nUserKnownHostsFile {self.folder}/{known}\nGlobalKnownHostsFile none\n"
            f"IdentityFile {self.folder}/{key}\nIdentitiesOnly yes\nIdentityAgent none\n{more}"
        )
        return file


@contextmanager
def sshd(programs: Path | None = None, more: str = "") -> Iterator[Sshd]:
    """Run an sshd for the user who runs the tests; `programs` is a folder that stands first on its PATH."""
    server = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert server, "openssh-server is needed for these tests"
    folder = Path(tempfile.mkdtemp(prefix="rh-sshd-"))
    try:
        # A login without the .bashrc of whoever runs the tests, which may change anything and take its time.
        (folder / "home").mkdir()
        for name in ("host", "key", "stranger"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True, timeout=_DEADLINE)
        port = _free_port()
        path = f"{programs}:{os.environ['PATH']}" if programs else os.environ["PATH"]
        (folder / "config").write_text(
            f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/key.pub\n"
            f"PidFile none\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            f"MaxStartups 200\nMaxSessions 50\nSetEnv PATH={path} HOME={folder}/home\n{more}"
        )
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # sshd of root refuses to start without it
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*WITH_US, server, "-D", "-e", "-f", str(folder / "config")],
                stdin=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        try:
            _wait(port, process, folder / "log")
            yield Sshd(folder, port, process.pid)
        finally:
            process.terminate()
            process.wait(_DEADLINE)
    finally:
        shutil.rmtree(folder)


class Proxy:
    """A way to a port that takes its time, or goes silent, or breaks off."""

    def __init__(self, port: int, seconds: float) -> None:
        self._to, self._seconds = port, seconds
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self.silent = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def break_off(self) -> None:
        """Close every connection."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it."""
        self._listening.close()
        self.break_off()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                for one in (near, far):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        waiting: list[tuple[float, bytes]] = []
        come = threading.Condition()

        def deliver() -> None:
            with suppress(OSError):
                while True:
                    with come:
                        come.wait_for(lambda: waiting)
                        due, part = waiting.pop(0)
                    time.sleep(max(0.0, due - time.monotonic()))
                    if not part:
                        sink.shutdown(socket.SHUT_WR)
                        return
                    if not self.silent.is_set():
                        sink.sendall(part)

        threading.Thread(target=deliver, daemon=True).start()
        part = b"-"
        while part:
            try:
                part = source.recv(1 << 16)
            except OSError:
                part = b""
            with come:
                waiting.append((time.monotonic() + self._seconds, part))
                come.notify()


@contextmanager
def proxy(port: int, seconds: float = 0.0) -> Iterator[Proxy]:
    """Put something between: each way takes `seconds`."""
    with closing(Proxy(port, seconds)) as between:
        yield between


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _DEADLINE
    while time.monotonic() < deadline:
        assert process.poll() is None, f"sshd ended: {log.read_text()[-500:]}"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as answer:
            answer.settimeout(1)
            if answer.recv(4) == b"SSH-":
                return
        time.sleep(0.01)
    msg = f"sshd did not answer within {_DEADLINE} s: {log.read_text()[-500:]}"
    raise AssertionError(msg)
