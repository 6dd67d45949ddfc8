"""Asks the supervisor from inside a replica, where the environment says where its control socket is."""

from __future__ import annotations

import json
import os
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

NO_MEANING = 125


class RefusedError(Exception):
    """What the supervisor, or a stand-in, has to say against a command: one sentence, and the exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def ask(request: str, send: tuple[int, ...] = (), **rest: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Ask, and return the answer. Raises RefusedError."""
    line = json.dumps({"request": request, **rest}).encode() + b"\n"
    answer = b""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(os.environ["REHEARSAL_CONTROL"])
        sent = socket.send_fds(connection, [line], list(send)) if send else 0
        if sent < len(line):
            # Never an empty rest: a quick answer has closed the other end, and that would be an error.
            connection.sendall(line[sent:])
        while not answer.endswith(b"\n"):
            part = connection.recv(1 << 16)
            if not part:
                raise RefusedError("the replica is ending")
            answer += part
    words: dict[str, Any] = json.loads(answer)
    if "error" in words:
        raise RefusedError(words["error"])
    return words


def open_log(service: str) -> int:
    """Return a descriptor of a service's log. Raises RefusedError."""
    line = json.dumps({"request": "log", "service": service}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(os.environ["REHEARSAL_CONTROL"])
        connection.sendall(line)
        words, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, 1)
    answer = json.loads(words)
    if "error" in answer or not descriptors:
        raise RefusedError(answer.get("error", "no log"))
    return descriptors[0]


def no_meaning(program: str, arguments: list[str]) -> NoReturn:
    """Say that a command has no meaning on processes, and have it remembered. Raises RefusedError."""
    words = " ".join([program, *arguments])
    ask("unsupported", command=words)
    message = f"{program}: `{words}` has no meaning in a replica of plain processes: there are no images and containers"
    raise RefusedError(message, NO_MEANING)


def run(main: Any, arguments: list[str]) -> NoReturn:  # noqa: ANN401 - a function of the arguments
    """Run a stand-in to its exit status; errors are one line on standard error."""
    try:
        status = main(arguments)
        sys.stdout.flush()
    except RefusedError as error:
        sys.stdout.flush()
        print(error, file=sys.stderr)
        status = error.status
    except BrokenPipeError:
        # Who read has gone, as `head` does; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 141
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
