"""One SSH connection to a host, that every command and every forwarded port shares."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from rehearsal.gateway.live_part import LivePart
from rehearsal.gateway.target import TargetError
from rehearsal.live.host import SshPlace
from rehearsal.live.limited import run_limited
from rehearsal.live.reasons import why_not

_POLL_SECONDS = 0.005
_END_SECONDS = 5
# A socket's path has room for 107 bytes, and ssh appends 17 of its own to it while it binds.
_PATH_LIMIT = 60
_SILENCE = ("ServerAliveInterval=3", "ServerAliveCountMax=3")
_ALWAYS = (
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "LogLevel=ERROR",
    "ForwardAgent=no",
    "ForwardX11=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "RequestTTY=no",
    *_SILENCE,
)
# Waits for the end of whoever holds its standard input, SIGKILL included, and then ends ssh and removes its sockets.
_KEEPER = """
trap : INT TERM HUP
folder=$1; shift
"$@" </dev/null & ssh=$!
exec 2>/dev/null
read -r _
kill -KILL "$ssh"; wait "$ssh"
rm -rf -- "$folder"
"""


class SshConnection:
    """The connection, made and kept until it is closed."""

    def __init__(self, name: str, place: SshPlace, part: LivePart) -> None:
        self.name, self._place, self._part = name, place, part
        self._folder = _folder()
        self._control = f"{self._folder}/c"
        self._forwards: dict[tuple[str, int], str] = {}
        self._lock = threading.Lock()
        self._said = bytearray()
        self._keeper = self._start()
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    @property
    def options(self) -> list[str]:
        """The arguments with which ssh uses this connection and can't make one of its own."""
        shared = ("ControlMaster=no", f"ControlPath={self._control}", "ConnectTimeout=5")
        # Without its master, ssh would quietly make a connection for each command.
        return ["-T", *_options(*_ALWAYS, *shared, "ProxyCommand=false", "ClearAllForwardings=yes")]

    def socket_to(self, host: str, port: int) -> str:
        """Return the path of a unix socket that leads to a port, seen from the host. Raises TargetError."""
        with self._lock:
            if (host, port) not in self._forwards:
                self._forwards[host, port] = self._forward(host, port)
            return self._forwards[host, port]

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """Connect to a port, seen from the host. Raises OSError."""
        try:
            path = self.socket_to(host, port)
        except TargetError as error:
            raise ConnectionAbortedError(str(error)) from None
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(seconds)
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            raise
        return connection

    @property
    def lost(self) -> str:
        """What ssh said when the connection ended; empty while it lives."""
        if os.path.exists(self._control):  # noqa: PTH110 - a socket
            return ""
        return why_not(self._said.decode(errors="replace")) or "the connection has ended"

    def close(self) -> None:
        """End the connection and remove its sockets. May be called twice."""
        if self._keeper.stdin and not self._keeper.stdin.closed:
            with suppress(OSError):
                self._keeper.stdin.close()
        try:
            self._keeper.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait(_END_SECONDS)

    def _start(self) -> subprocess.Popen[bytes]:
        seconds = max(1, round(self._part.connect_timeout_seconds))
        command = ["ssh", "-M", "-N", "-T", *_options(*_ALWAYS, "ControlPersist=no", "ClearAllForwardings=yes")]
        command += [*_options(f"ControlPath={self._control}", f"ConnectTimeout={seconds}"), *self._place.arguments]
        try:
            keeper = subprocess.Popen(
                ["sh", "-c", _KEEPER, "rehearsal-ssh", self._folder, *command, self._place.host],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            Path(self._folder).rmdir()
            msg = f"expected a shell to start ssh with, got: {error.strerror}"
            raise TargetError(msg) from None
        threading.Thread(target=self._listen, args=(keeper,), daemon=True).start()
        return keeper

    def _listen(self, keeper: subprocess.Popen[bytes]) -> None:
        assert keeper.stderr
        with keeper.stderr as said:
            while part := said.read1(4096):  # type: ignore[attr-defined]  # a BufferedReader
                self._said = (self._said + part)[-4000:]
        self._ended = True

    _ended = False

    def _wait(self) -> None:
        limit = self._part.connect_timeout_seconds
        deadline = time.monotonic() + limit
        while not os.path.exists(self._control):  # noqa: PTH110 - a socket
            if self._ended:
                reason = why_not(self._said.decode(errors="replace")) or "ssh ended without a word"
                msg = f"expected to reach {self.name}, got: {reason}"
                raise TargetError(msg)
            if time.monotonic() > deadline:
                msg = f"expected to reach {self.name} within {limit:g} s, got no answer; does the host live?"
                raise TargetError(msg)
            time.sleep(_POLL_SECONDS)

    def _forward(self, host: str, port: int) -> str:
        # libpq wants this file name, in a folder of its own.
        folder = Path(self._folder, str(len(self._forwards)))
        folder.mkdir(mode=0o700)
        path = f"{folder}/.s.PGSQL.{port}"
        place = f"[{host}]" if ":" in host else host
        command = [
            "ssh",
            *self._place.arguments,
            *_options(f"ControlPath={self._control}", "LogLevel=ERROR"),
            "-O",
            "forward",
        ]
        command += ["-L", f"{path}:{place}:{port}", "--", self._place.host]
        ended = run_limited(command, b"", self._part.connect_timeout_seconds)
        if ended.status != 0:
            said = self.lost or why_not(ended.stderr.decode(errors="replace")) or "no answer in time"
            msg = f"expected a way to {host}:{port} through {self.name}, got: {said}"
            raise TargetError(msg)
        return path


def _options(*values: str) -> list[str]:
    return [word for value in values for word in ("-o", value)]


def _folder() -> str:
    usual = tempfile.gettempdir()
    return tempfile.mkdtemp(prefix="rh-", dir=usual if len(usual.encode()) < _PATH_LIMIT else "/tmp")  # noqa: S108
