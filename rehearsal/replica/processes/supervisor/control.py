"""The control socket: one JSON request for each connection, with file descriptors, and one JSON answer."""

from __future__ import annotations

import errno
import json
import os
import socket
import threading
from typing import Any

from rehearsal.replica.processes.supervisor.errors import RequestError
from rehearsal.replica.processes.supervisor.store import StoreError

_MOST_DESCRIPTORS = 8
_REQUESTS = frozenset(
    {"change", "states", "run", "connect", "open", "log", "mails", "lose", "usage"}
    | {"processes", "connected", "unsupported", "engine", "pretend"}
)
Requests = object
"""What answers: a method for each request that it takes, of the request, descriptors and the asker's socket."""


def serve(stack: Requests, path: str) -> None:
    """Answer requests at a path, for ever, each in a thread of its own."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(64)
    threading.Thread(target=_accept, args=(listener, stack), name="control", daemon=True).start()


def _accept(listener: socket.socket, stack: Requests) -> None:
    while True:
        asker, _ = listener.accept()
        threading.Thread(target=_answer, args=(asker, stack), daemon=True).start()


def _answer(asker: socket.socket, stack: Requests) -> None:
    received: list[int] = []
    handed: list[int] = []
    with asker:
        try:
            request = _read(asker, received)
            # A command takes what was sent; every other request hands something over.
            descriptors = received if request["request"] in ("run", "engine") else handed
            answer = _ask(stack, request, descriptors, asker)
            socket.send_fds(asker, [json.dumps(answer).encode() + b"\n"], handed)
        except OSError:
            pass
        finally:
            for descriptor in (*received, *handed):
                os.close(descriptor)


def _ask(stack: Requests, request: dict[str, Any], descriptors: list[int], asker: socket.socket) -> Any:
    try:
        if request["request"] not in _REQUESTS or not hasattr(stack, request["request"]):
            return {"error": f"no such request: {request['request']}"}
        return getattr(stack, request["request"])(request, descriptors, asker)
    except (RequestError, StoreError) as error:
        return {"error": str(error)}
    except OSError as error:
        # A time-out of the socket module has no number.
        number = errno.ETIMEDOUT if isinstance(error, TimeoutError) else error.errno
        return {"error": str(error), "errno": number or 0}
    except Exception as error:  # noqa: BLE001 - who asked waits for an answer, whatever went wrong
        return {"error": f"the supervisor failed at {request['request']!r}: {error!r}"}


def _read(asker: socket.socket, received: list[int]) -> dict[str, Any]:
    text = b""
    while not text.endswith(b"\n"):
        part, descriptors, _, _ = socket.recv_fds(asker, 1 << 16, _MOST_DESCRIPTORS)
        received.extend(descriptors)
        if not part:
            raise ConnectionResetError
        text += part
    request: dict[str, Any] = json.loads(text)
    return request
