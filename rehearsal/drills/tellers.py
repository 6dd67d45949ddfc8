"""What tells somebody of a failure beside cron and logs, as it stands in an entry of a crontab and in its scripts."""

from __future__ import annotations

import re
from pathlib import Path

from rehearsal.drills.cron import directory_of
from rehearsal.drills.texts import without_comments
from rehearsal.gateway.crontab import Entry
from rehearsal.gateway.description import Gateway

_FILE = re.compile(r"[\w.-]+\.\w+|(?:\.?/)?(?:[\w.-]+/)+[\w.-]+")
_PROGRAMS = {"", ".sh", ".bash", ".py", ".pl", ".rb", ".js", ".mjs", ".ts", ".php"}
_LOCAL = re.compile(r"\b(?:localhost|127\.0\.0\.1)\b")
_FIRST = r"(?:^|[|&;({`!]|\b(?:then|else|do|exec|sudo|command))\s*(?:timeout\s+\S+\s+)?(?:[\w./~-]*/)?"
"""Where a word of a shell is a program."""
_PROGRAM = re.compile(
    _FIRST
    + r"(?P<name>logger|systemd-cat|sendmail|s-nail|mailx?|mutt|msmtp|swaks|curl|wget|zabbix_sender|send_nsca|aws"
    r"|[\w-]*(?:notif|alert|avis[ae]|pager|oncall|telegram|slack|ntfy|healthcheck)[\w-]*)(?=[\s\"';|)&]|$)",
    re.MULTILINE,
)
_ELSEWHERE = re.compile(
    r"smtplib|requests\.\w+\(|urlopen|httpx\.|nodemailer|webhook|\bfetch\(|[\"'](?:sendmail|mailx?|curl|logger)[\"']"
    r"|[\"\w/}]\.prom\b|\$\{?\w*(?:NOTIF|ALERT|MAILER|SLACK)\w*",
)
"""Of programs that are no shell's, of metrics that a collector reads, and of programs whose names are set elsewhere."""


def teller(gateway: Gateway, entry: Entry) -> str:
    """Return what tells of a failure in the text of an entry or of its scripts; empty where nothing is seen to."""
    texts = [without_comments(text) for text in texts_of(gateway, entry)]
    own = {name for text in texts for name in re.findall(r"(?m)^\s*(?:function\s+)?([\w-]+)\s*\(\)", text)}
    for text in texts:
        for found in _PROGRAM.finditer(text):
            line = text[found.start() :].lstrip("\n").split("\n", 1)[0]
            asks_itself = found["name"] in ("curl", "wget") and _LOCAL.search(line)
            if found["name"] not in own and not asks_itself:
                return found["name"]
        if other := _ELSEWHERE.search(text):
            return other[0]
    return ""


def texts_of(gateway: Gateway, entry: Entry) -> list[str]:
    """Return the command of an entry, the programs of the gateway that it names, and those that they name."""
    directory = directory_of(gateway)
    texts = [entry.command.replace(f"{directory}/", "") if directory else entry.command]
    known, folders = set[Path](), [gateway.directory, gateway.directory / "scripts"]
    for text in texts:  # grows
        for name in _FILE.findall(text):
            for path in (folders[0] / name.removeprefix("/"), *(folder / Path(name).name for folder in folders)):
                if path not in known and path.suffix in _PROGRAMS and path.is_file():
                    known.add(path)
                    folders.append(path.parent)
                    texts.append(path.read_text(errors="replace"))
    return texts
