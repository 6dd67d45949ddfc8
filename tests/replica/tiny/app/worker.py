"""The smallest worker: each word in the list `words` becomes a mail."""

import os
import smtplib
import socket
from email.message import EmailMessage


def send(word: str) -> None:
    """Send a mail with a word as its subject."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "tiny@example.org", "reader@example.org", word
    mail["X-Outbox-Id"] = word
    mail.set_content("línea\n.\n..dots\n")
    with smtplib.SMTP(os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"]), timeout=5) as client:
        client.send_message(mail)


def main() -> None:
    """Wait for words, for ever."""
    with socket.create_connection((os.environ["REDIS_HOST"], int(os.environ["REDIS_PORT"]))) as connection:
        source = connection.makefile("rb")
        while True:
            connection.sendall(b"BLPOP words 0\r\n")
            lines = [source.readline() for _ in range(5)]
            if not lines[-1]:
                return
            send(lines[-1].decode().strip())


main()
