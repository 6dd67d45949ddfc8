"""The name server of a replica answers as Docker's does, and is not led astray by what is no question."""

from __future__ import annotations

import socket
import struct

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.replica.processes.supervisor.names import answer

KNOWN = frozenset({"api", "redis"})
LOOPBACK = socket.inet_aton("127.0.0.1")


def query(name: str, kind: int = 1) -> bytes:
    """Make a query as a resolver sends it, for A unless told."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def read(response: bytes) -> tuple[int, int, bool, bytes]:
    """Return number, status, whether it is a response, and the address of the only answer."""
    number, flags, _, answers, *_ = struct.unpack_from("!HHHHHH", response)
    return number, flags & 15, bool(flags & 0x8000), response[-4:] if answers else b""


def test_names_of_the_replica_are_on_its_loopback() -> None:
    """Each service is found, in capitals or not; another name does not exist; IPv6 has no address."""
    assert read(answer(query("api"), KNOWN)) == (7, 0, True, LOOPBACK)
    assert read(answer(query("REDIS"), KNOWN)) == (7, 0, True, LOOPBACK)
    assert read(answer(query("api", kind=28), KNOWN)) == (7, 0, True, b"")
    assert read(answer(query("example.com"), KNOWN)) == (7, 3, True, b"")


@given(st.binary(max_size=80) | st.binary(max_size=40).map(lambda more: query("api")[:-4] + more))
def test_nothing_breaks_it(question: bytes) -> None:
    """Whatever comes, it says nothing or answers with the number that it was asked with."""
    response = answer(question, KNOWN)
    assert response == b"" or response[:2] == question[:2]
    assert answer(answer(query("api"), KNOWN), KNOWN) == b""
