"""The replica's mail sink: `python -IS sink.py PORT FILE [ADDRESS]`. Takes every mail and sends nothing on.

Sockets and threads only: asyncio alone would take longer to import than PostgreSQL to start. Each mail is one line of
JSON; it is written before the sender hears 250, so that what was acknowledged is never missing.

A recipient whose address begins with one of `MANNERS` is not served at the first try, and is at the next; one that
begins with `REFUSED` or `PUT_OFF` never is. The log has a line for each try. So a drill says what the mail server is
to do in each kind of replica: by whom it writes to.
"""

import base64
import json
import os
import re
import socket
import sys
import threading
import time

REFUSED = "refused-"
"""550 to RCPT, at each try."""
PUT_OFF = "later-"
"""451 to RCPT, at each try; `later-6-`, at the first six."""
SLOW, SLOW_SECONDS = "slow-", 2.0
"""The mail is taken after so many seconds, whether its sender still waits for the answer or not."""
HASTY = "hasty-"
"""The mail is taken, and the connection cut before QUIT can be answered."""
LAST_ONE = "lastone-"
"""The mail is taken, and who connects next is greeted with 421: the server has enough to do."""
GREYLISTED, DEFERRED, CUT, SILENT = MANNERS = ("greylisted-", "deferred-", "cut-", "silent-")
"""451 to RCPT; 451 once the mail has been read; the connection cut then, without an answer; no answer then, and no cut
for as many seconds as the address begins with: `silent-20-`. Of it nothing is kept but the Message-ID, in the log."""
READ_AS = "was read as"
"""What the log says before the Message-ID of a mail that was read and not taken; nothing follows where it has none."""
SENT_AWAY = "sent away with 421"
"""What the log says of a connection."""
GAVE_UP = "the sender gave up"
"""What the log says of a silent try once the other side has gone, or has gone on with something else."""

_LIMIT = 32 << 20
_SECONDS = 60
_GREETING = ("250-smtp", "250-8BITMIME", "250-SMTPUTF8", f"250 SIZE {_LIMIT}")
# As long, and in as many lines, as large mail servers answer: a table of attempts must have room for it.
_REASONS = (
    "The account that you have tried to reach is known under this name in no domain of ours. Look for",
    "typing errors and needless spaces in the address of the recipient, and ask the person whom you want",
    "to reach for the right one. A server of ours has written this down under the mark 4f1a9c2e7b6d-38",
    "a05c6d7e8f9-1732650000.00417 - mx.sink",
)
_WAITS = (
    "This server has not seen your address together with this recipient before and asks for patience. A",
    "mail server that follows the rules tries again a little later. See the mark 7b6d4f1a9c2e-38 - mx.sink",
)
_LATER = (*(f"451-4.7.1 {line}" for line in _WAITS), "451 4.7.1 not now, try again later")
_NEVER = (*(f"550-5.1.1 {line}" for line in _REASONS), "550 5.1.1 nobody of that name here")
_TAKEN = "250 2.0.0 OK: taken and queued as 1732650000-4f1a9c2e7b6d38a05c6d7e8f9 by mx.sink, thank you"
_met: set[str] = set()
"""Recipients that were not served once."""
_busy = threading.Event()
"""Who connects next is sent away."""
_put_off: dict[str, int] = {}
"""How often each recipient was put off."""
_lock = threading.Lock()


class Session:
    """One SMTP conversation."""

    def __init__(self, connection: socket.socket, path: str) -> None:
        connection.settimeout(_SECONDS)
        self._connection, self._lines, self._path = connection, connection.makefile("rb"), path
        self._sender = ""
        self._recipients: list[str] = []
        self._greylisted = False
        """One recipient of this mail was: then it is for none, or it would arrive in two parts."""

    def talk(self) -> None:
        """Answer commands until the other side has gone."""
        try:
            with self._connection, self._lines:
                if _busy.is_set():
                    _busy.clear()
                    sys.stderr.write(f"a connection: {SENT_AWAY}\n")
                    self._say("421 4.7.0 mx.sink has too many connections, try again later")
                    return
                self._say("220 smtp sink")
                while (line := self._lines.readline(_LIMIT)) and self._answer(line):
                    pass
        except OSError:
            # Gone, or silent for a minute: whatever was acknowledged is written.
            pass

    def _answer(self, line: bytes) -> bool:
        verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
        match verb.upper():
            case "EHLO":
                self._say(*_GREETING)
            case "HELO" | "NOOP":
                self._say("250 OK")
            case "MAIL":
                self._sender = _address(rest)
                self._forget()
                self._say("250 OK")
            case "RCPT":
                self._add(_address(rest))
            case "RSET":
                self._forget()
                self._say("250 OK")
            case "DATA":
                return self._take()
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                self._say("502 not known here")
        return True

    def _forget(self) -> None:
        self._recipients, self._greylisted = [], False

    def _add(self, recipient: str) -> None:
        if recipient.startswith(REFUSED):
            _note(recipient, "refused")
            self._say(*_NEVER)
        elif _is_put_off(recipient):
            _note(recipient, "not now")
            self._say(*_LATER)
        elif _is_first(GREYLISTED, recipient):
            self._greylisted = True
            self._say(*_LATER)
        else:
            self._recipients.append(recipient)
            self._say("250 OK")

    def _take(self) -> bool:
        if self._greylisted:
            self._say(*_LATER)
            return True
        if not self._recipients:
            self._say("503 no recipient")
            return True
        self._say("354 go on")
        lines: list[bytes] = []
        size = 0
        while (line := self._lines.readline(_LIMIT)).rstrip(b"\r\n") != b".":
            size += len(line)
            if not line or size > _LIMIT:
                return False
            # A leading dot was doubled by the sender.
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if any(_is_first(CUT, one, lines) for one in self._recipients):
            return False
        if silent := [one for one in self._recipients if _is_first(SILENT, one)]:
            self._be_silent(silent)
            return False
        if any(_is_first(DEFERRED, one, lines) for one in self._recipients):
            self._say(*_LATER)
        else:
            self._take_time()
            if any(one.startswith(LAST_ONE) for one in self._recipients):
                _busy.set()  # Before anybody can see that it has come.
            self._write_down(b"".join(lines))
            self._say(_TAKEN)
        goes_on = not any(one.startswith(HASTY) for one in self._recipients)
        self._forget()
        return goes_on

    def _take_time(self) -> None:
        if slow := [one for one in self._recipients if one.startswith(SLOW)]:
            _note(slow[0], "in a moment")
            time.sleep(SLOW_SECONDS)

    def _be_silent(self, recipients: list[str]) -> None:
        seconds = re.match(r"(\d+)-", recipients[0].removeprefix(SILENT))
        self._connection.settimeout(float(seconds[1]) if seconds else _SECONDS)
        self._lines.readline(_LIMIT)
        for one in recipients:
            _note(one, GAVE_UP)

    def _write_down(self, content: bytes) -> None:
        mail = {
            "sender": self._sender,
            "recipients": self._recipients,
            "received": time.time(),
            "content": base64.b64encode(content).decode(),
        }
        text = json.dumps(mail).encode() + b"\n"
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # In one call, so that two mails at once stay two lines.
            if os.write(file, text) != len(text):
                raise OSError(28, "the sink is full")
        finally:
            os.close(file)
        for one in self._recipients:
            _note(one, "taken")

    def _say(self, *lines: str) -> None:
        self._connection.sendall("".join(f"{line}\r\n" for line in lines).encode())


def _is_put_off(recipient: str) -> bool:
    if not recipient.startswith(PUT_OFF):
        return False
    number = recipient.removeprefix(PUT_OFF).partition("-")[0]
    with _lock:
        _put_off[recipient] = _put_off.get(recipient, 0) + 1
        # Without a hyphen behind them, digits are part of a name.
        limited = number.isdigit() and recipient.startswith(f"{PUT_OFF}{number}-")
        return not limited or _put_off[recipient] <= int(number)


def _is_first(manner: str, recipient: str, lines: list[bytes] | None = None) -> bool:
    """Tell whether a recipient asks for a manner and has not met it; it has then. `lines`: of the mail, where read."""
    with _lock:
        first = recipient.startswith(manner) and recipient not in _met
        if first:
            _met.add(recipient)
            _note(recipient, "not now")
            if lines is not None:
                _note(recipient, f"{READ_AS} {_message_id(lines)}".strip())
        return first


def _message_id(lines: list[bytes]) -> str:
    """Return the Message-ID of a mail, however its header is folded; empty where it has none."""
    found = re.search(rb"(?im)^message-id:\s*(\S+)", b"".join(lines).partition(b"\r\n\r\n")[0])
    return found[1].decode("ascii", "replace") if found else ""


def _note(recipient: str, what: str) -> None:
    if recipient.startswith((*MANNERS, REFUSED, PUT_OFF, HASTY, SLOW)):
        sys.stderr.write(f"{recipient}: {what}\n")


def _address(words: str) -> str:
    found = re.search(r"<([^>]*)>", words)
    return found[1] if found else words.partition(":")[2].strip()


def main(port: int, path: str, address: str = "127.0.0.1") -> None:
    """Listen on a port of the loopback, or of a container's address, for ever."""
    with socket.create_server((address, port), backlog=128) as server:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=Session(connection, path).talk, daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
