"""`redis-cli`, where the machine has no real one: what scripts ask of it, with the real one's output and status."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from urllib.parse import unquote, urlsplit

from rehearsal.replica.processes.standins import client, resp
from rehearsal.replica.processes.standins.options import Options, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, Self

_FLAGS = (
    "--raw",
    "--no-raw",
    "-x",
    "-e",
    "--pipe",
    "--scan",
    "--no-auth-warning",
    "--version",
    "-v",
    "-2",
    "--askpass",
)
_VALUED = ("-h", "-p", "-s", "-a", "--pass", "--user", "-u", "-n", "--pattern", "--count", "--rdb", "-r", "-t")
_WARNING = "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe."
_BLOCK = 1 << 16


def main() -> None:
    """Run `redis-cli` with the arguments of the process."""
    client.run(redis_cli, sys.argv[1:])


def redis_cli(arguments: list[str]) -> int:
    """Run what the arguments ask for and return the exit status."""
    # Its own -h is a host, and a word that begins with a dash is an option only before the command.
    given = split(arguments, _FLAGS, _VALUED, stop=True)
    if given.has("--version", "-v"):
        print("redis-cli 7.2.0 (stand-in of a replica of plain processes)")
        return 0
    try:
        with Session(given) as session:
            return session.work()
    except EOFError:
        raise client.RefusedError("Error: Server closed the connection") from None


class Session:
    """One connection, and what is asked on it."""

    def __init__(self, given: Options) -> None:
        self._given = given
        url = urlsplit(given.last("-u"))
        self._host = url.hostname or given.last("-h", default="127.0.0.1")
        self._port = url.port or int(given.last("-p", default=os.environ.get("REHEARSAL_REDIS_PORT", "6379")))
        self._user = unquote(url.username or "") or given.last("--user")
        spoken = unquote(url.password) if url.password is not None else None
        named = given.values.get("-a", given.values.get("--pass"))
        self._password = spoken if spoken is not None else named[-1] if named else os.environ.get("REDISCLI_AUTH")
        self._database = given.last("-n") or url.path.strip("/")
        if (spoken is not None or named) and not given.has("--no-auth-warning"):
            print(_WARNING, file=sys.stderr)

    def __enter__(self) -> Self:
        path = self._given.last("-s")
        try:
            if path:
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._socket.connect(path)
            else:
                self._socket = socket.create_connection((self._host, self._port))
        except OSError as error:
            where = path or f"{self._host}:{self._port}"
            raise client.RefusedError(f"Could not connect to Redis at {where}: {error.strerror or error}") from None
        self._source: BinaryIO = self._socket.makefile("rb")
        self._greet()
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()
        self._socket.close()

    def work(self) -> int:
        """Do what the options ask for and return the exit status."""
        given = self._given
        if given.has("--pipe"):
            return self._pipe()
        if given.has("--rdb"):
            return self._rdb(given.last("--rdb"))
        if given.has("--scan"):
            return self._scan()
        if not given.words:
            return self._lines()
        words = [os.fsencode(word) for word in given.words]
        if given.has("-x"):
            words.append(sys.stdin.buffer.read())
        failed = False
        for _ in range(int(given.last("-r", default="1"))):
            failed = self._print(words)
        return 1 if failed and given.has("-e") else 0

    def _greet(self) -> None:
        if self._password is not None:
            user = [self._user.encode()] if self._user else []
            answer = self._ask([b"AUTH", *user, os.fsencode(self._password)])
            if isinstance(answer, resp.ReplyError):
                print(f"AUTH failed: {answer}", file=sys.stderr)
        if self._database:
            answer = self._ask([b"SELECT", self._database.encode()])
            if isinstance(answer, resp.ReplyError):
                print(f"SELECT {self._database} failed: {answer}", file=sys.stderr)

    def _ask(self, words: list[bytes]) -> resp.Reply:
        self._socket.sendall(resp.pack(words))
        return resp.read(self._source)

    def _print(self, words: list[bytes]) -> bool:
        try:
            answer = self._ask(words)
        except EOFError:
            if words[0].upper() != b"SHUTDOWN":
                raise
            # It did as it was told, and has no more to say.
            return False
        plain = self._given.has("--raw") or not (self._given.has("--no-raw") or sys.stdout.isatty())
        sys.stdout.buffer.write(resp.raw(answer) + b"\n" if plain else resp.pretty(answer))
        sys.stdout.buffer.flush()
        return isinstance(answer, resp.ReplyError)

    def _lines(self) -> int:
        # One command a line. An error does not end it, as with the real one.
        for line in sys.stdin:
            try:
                words = [os.fsencode(word) for word in shlex.split(line)]
            except ValueError:
                print("Invalid argument(s)")
                continue
            if words and words[0].lower() in (b"quit", b"exit"):
                break
            if words:
                self._print(words)
        return 0

    def _scan(self) -> int:
        words = [b"SCAN", b"0"]
        for name, word in (("--pattern", b"MATCH"), ("--count", b"COUNT")):
            if value := self._given.last(name):
                words += [word, os.fsencode(value)]
        while True:
            answer = self._ask(words)
            if not isinstance(answer, list) or not isinstance(answer[0], bytes):
                raise client.RefusedError(f"ERROR: {answer!r}")
            words[1], keys = answer[0], answer[1]
            if isinstance(keys, list):
                sys.stdout.buffer.write(b"".join(resp.raw(key) + b"\n" for key in keys))
            if words[1] == b"0":
                return 0

    def _pipe(self) -> int:
        import threading  # noqa: PLC0415 - only here

        mark = os.urandom(20).hex().encode()

        def send() -> None:
            while part := sys.stdin.buffer.read(_BLOCK):
                self._socket.sendall(part)
            self._socket.sendall(b"\r\n" + resp.pack([b"ECHO", mark]))

        # Sent while replies are read: both sides would wait for ever on full buffers.
        threading.Thread(target=send, daemon=True).start()
        errors = replies = 0
        while (answer := resp.read(self._source)) != mark:
            replies += 1
            if isinstance(answer, resp.ReplyError):
                errors += 1
                print(answer, file=sys.stderr)
        print("All data transferred. Waiting for the last reply...\nLast reply received from server.")
        print(f"errors: {errors}, replies: {replies}")
        return 1 if errors else 0

    def _rdb(self, path: str) -> int:
        self._socket.sendall(b"SYNC\r\n")
        # The server sends empty lines while it prepares the file.
        while not (head := self._source.readline()).strip():
            if not head:
                raise EOFError
        if not head.startswith(b"$"):
            raise client.RefusedError(f"SYNC with master failed: {head.decode(errors='replace').strip()}")
        print(
            f"sending REPLCONF capa eof\nSYNC sent to master, writing bytes of bulk transfer to '{path}'",
            file=sys.stderr,
        )
        # Standard output stays open: whoever ends this process says the rest.
        with os.fdopen(os.dup(1), "wb") if path == "-" else open(path, "wb") as out:
            left = int(head[1:])
            while left:
                part = self._source.read(min(_BLOCK, left))
                if not part:
                    raise EOFError
                out.write(part)
                left -= len(part)
        print("Transfer finished with success.", file=sys.stderr)
        return 0
