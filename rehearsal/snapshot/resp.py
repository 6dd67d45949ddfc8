"""Asks one database of a Redis server and gives the answers as the server sends them."""

from __future__ import annotations

from collections.abc import Iterator

import redis

from rehearsal.snapshot import databases

_CHUNK = 1000


class Server:
    """One database, asked over a connection of its own that gives answers as the server sends them (RESP 2)."""

    def __init__(self, client: redis.Redis, database: int) -> None:
        self._client = databases.at(client, database, protocol=2, decode_responses=False)
        self._client.response_callbacks.clear()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def ask(self, *words: bytes | str | int) -> object:
        """Return the answer to a command. Raises redis.RedisError, as all of these do."""
        return self._client.execute_command(*words)  # type: ignore[no-untyped-call]  # the package gives it no types

    def items(self, *words: bytes | str | int) -> list[object]:
        """Return an answer that is a list."""
        answer = self.ask(*words)
        return answer if isinstance(answer, list) else []

    def strings(self, *words: bytes | str | int) -> list[bytes]:
        """Return an answer that is a list of strings."""
        return strings(self.items(*words))

    def number(self, *words: bytes | str | int) -> int | None:
        """Return a number, or None where the server does not know the command."""
        try:
            return int(text(self.ask(*words)))
        except redis.ResponseError:
            return None

    def pages(self, *command: bytes | str) -> Iterator[bytes]:
        """Follow the cursor of SCAN, SSCAN or HSCAN."""
        cursor = b"0"
        while True:
            following, page = self.items(*command, cursor, "COUNT", _CHUNK)
            yield from strings(page)
            cursor = text(following)
            if cursor == b"0":
                return


def text(value: object) -> bytes:
    """Return a string or number as bytes, nothing as none."""
    return value if isinstance(value, bytes) else b"" if value is None else str(value).encode()


def strings(values: object) -> list[bytes]:
    """Return a list of strings and numbers as bytes."""
    return [text(value) for value in values] if isinstance(values, list) else []


def named(values: object) -> dict[bytes, bytes]:
    """Read a flat answer of names and values."""
    flat = strings(values)
    return dict(zip(flat[::2], flat[1::2], strict=True))
