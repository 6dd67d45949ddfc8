"""The replica's mail sink: `python -IS sink.py PORT FILE`. Takes every mail, writes it down, sends nothing on.

Standard library only: it starts with the stores, in milliseconds. Each mail is one line of JSON; it is written before
the sender hears 250, so that what was acknowledged is never missing.
"""

import asyncio
import base64
import json
import re
import sys
import time

_LIMIT = 32 << 20
_SECONDS = 60


class Session:
    """One SMTP conversation."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
        self._reader, self._writer, self._path = reader, writer, path
        self._sender = ""
        self._recipients: list[str] = []

    async def talk(self) -> None:
        """Answer commands until the other side has gone."""
        try:
            await self._say("220 smtp sink")
            while await self._answer(await asyncio.wait_for(self._reader.readline(), _SECONDS)):
                pass
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._writer.close()

    async def _answer(self, line: bytes) -> bool:  # noqa: PLR0911 - one for each verb
        verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
        match verb.upper():
            case "":
                return bool(line) and await self._say("500 say something")
            case "EHLO":
                return await self._say("250-smtp", "250-8BITMIME", "250-SMTPUTF8", f"250 SIZE {_LIMIT}")
            case "HELO" | "NOOP":
                return await self._say("250 OK")
            case "MAIL":
                self._sender, self._recipients = _address(rest), []
                return await self._say("250 OK")
            case "RCPT":
                self._recipients.append(_address(rest))
                return await self._say("250 OK")
            case "RSET":
                self._recipients = []
                return await self._say("250 OK")
            case "DATA":
                return await self._take()
            case "QUIT":
                await self._say("221 bye")
                return False
        return await self._say("502 not known here")

    async def _take(self) -> bool:
        if not self._recipients:
            return await self._say("503 no recipient")
        await self._say("354 go on")
        # `readuntil` keeps lines whole; a leading dot was doubled by the sender.
        lines: list[bytes] = []
        size = 0
        while (line := await asyncio.wait_for(self._reader.readuntil(b"\n"), _SECONDS)).rstrip(b"\r\n") != b".":
            size += len(line)
            if size > _LIMIT:
                return False
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self._write_down(b"".join(lines))
        return await self._say("250 taken")

    def _write_down(self, content: bytes) -> None:
        mail = {
            "sender": self._sender,
            "recipients": self._recipients,
            "received": time.time(),
            "content": base64.b64encode(content).decode(),
        }
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(mail) + "\n")
        self._recipients = []

    async def _say(self, *lines: str) -> bool:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()
        return True


def _address(words: str) -> str:
    found = re.search(r"<([^>]*)>", words)
    return found[1] if found else words.partition(":")[2].strip()


async def main(port: int, path: str) -> None:
    """Listen on a port of the loopback, for ever."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Session(reader, writer, path).talk()

    server = await asyncio.start_server(meet, "127.0.0.1", port, limit=_LIMIT)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
