"""A redis-cli for the tests' PATH: `-h HOST -p PORT`, REDISCLI_AUTH, one command, plain answers. Starts fast."""

import os
import socket
import sys
from io import BufferedRWPair


def main() -> int:
    """Ask once; 1 when the server can't be reached, 0 for its errors, as the real one."""
    words = sys.argv[1:]
    host, port = "localhost", 6379
    while words and words[0] in ("-h", "-p"):
        host, port = (words[1], port) if words[0] == "-h" else (host, int(words[1]))
        del words[:2]
    try:
        with socket.create_connection((host, port), 20) as connection, connection.makefile("rwb") as stream:
            password = os.environ.get("REDISCLI_AUTH")
            if password and ask(stream, ["AUTH", password]) != [b"OK"]:
                sys.stderr.write("AUTH failed\n")
            sys.stdout.buffer.write(b"".join(line + b"\n" for line in ask(stream, words)))
    except OSError as problem:
        sys.stderr.write(f"Could not connect to Redis at {host}:{port}: {problem}\n")
        return 1
    return 0


def ask(stream: BufferedRWPair, words: list[str]) -> list[bytes]:
    """Send one command and return the lines of its answer."""
    parts = [word.encode() for word in words]
    stream.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
    stream.flush()
    return answer(stream)


def answer(stream: BufferedRWPair) -> list[bytes]:
    """Read one answer of RESP 2."""
    head = stream.readline().rstrip(b"\r\n")
    if head[:1] == b"*":
        return [line for _ in range(int(head[1:])) for line in answer(stream)]
    if head[:1] == b"$":
        return [stream.read(int(head[1:]) + 2)[:-2]] if head != b"$-1" else [b""]
    return [head[1:]]


if __name__ == "__main__":
    sys.exit(main())
