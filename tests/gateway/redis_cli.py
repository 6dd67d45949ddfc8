"""A redis-cli for the tests' PATH: `-h HOST -p PORT`, REDISCLI_AUTH, one command, plain answers."""

from __future__ import annotations

import os
import sys

import redis


def main() -> int:
    """Ask once; 1 when the server can't be reached, 0 for its errors, as the real one."""
    words = sys.argv[1:]
    host, port = "localhost", 6379
    while words and words[0] in ("-h", "-p"):
        host, port = (words[1], port) if words[0] == "-h" else (host, int(words[1]))
        del words[:2]
    client = redis.Redis(host, port, password=os.environ.get("REDISCLI_AUTH"), socket_timeout=20)
    client.response_callbacks.clear()
    try:
        answer = client.execute_command(*words)  # type: ignore[no-untyped-call]
    except redis.ResponseError as refusal:
        print(refusal)  # noqa: T201 - it is a command
        return 0
    except redis.RedisError as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - it is a command
        return 1
    for line in answer if isinstance(answer, list) else [answer]:
        sys.stdout.buffer.write((line if isinstance(line, bytes) else str(line).encode()) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
