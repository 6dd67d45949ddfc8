"""The name server that containers find at 127.0.0.11: nginx may be told to ask it for the API again and again."""

from __future__ import annotations

import socket
import struct
import threading

ADDRESS = ("127.0.0.11", 53)
_LARGEST = 512
_HEADER = struct.Struct("!HHHHHH")
_ANSWERS = 0x8580
"""A response, with authority, to a question that asked for recursion."""
_UNKNOWN = 3
_TYPE_A, _IN, _TTL_SECONDS = 1, 1, 1
_POINTER_TO_NAME = 0xC00C


def serve(hosts: tuple[str, ...]) -> None:
    """Answer in a thread: each of the replica's names is on its loopback, others do not exist. Raises OSError."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(ADDRESS)
    known = frozenset(name.lower() for name in hosts)
    threading.Thread(target=_answer_all, args=(server, known), daemon=True).start()


def _answer_all(server: socket.socket, known: frozenset[str]) -> None:
    while True:
        question, whom = server.recvfrom(_LARGEST)
        if answered := answer(question, known):
            server.sendto(answered, whom)


def answer(question: bytes, known: frozenset[str]) -> bytes:
    """Return the response to one query with one question; nothing to what is no query."""
    try:
        number, flags, questions, *_ = _HEADER.unpack_from(question)
        labels, place = [], _HEADER.size
        while size := question[place]:
            labels.append(question[place + 1 : place + 1 + size])
            place += 1 + size
        kind, _ = struct.unpack_from("!HH", question, place + 1)
    except (struct.error, IndexError):
        return b""
    if flags & 0x8000 or questions != 1:
        return b""
    asked = question[_HEADER.size : place + 5]
    there = b".".join(labels).decode("latin-1").lower() in known
    found = there and kind == _TYPE_A
    head = _HEADER.pack(number, _ANSWERS | (0 if there else _UNKNOWN), 1, int(found), 0, 0)
    record = struct.pack("!HHHIH", _POINTER_TO_NAME, _TYPE_A, _IN, _TTL_SECONDS, 4) + socket.inet_aton("127.0.0.1")
    return head + asked + (record if found else b"")
