"""The `.env` of a replica: scripts that read their passwords from it find it, with the replica's own in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.dotenv_file import SECRET, read_dotenv

NAME = ".env"
PLAIN = re.compile(r"\d{0,6}|[a-z]{1,12}")
"""A number or a word such as `info` and `true`: nothing that a password of any worth looks like."""
_MENTIONED = re.compile(r"(?<![\w.])\.env(?![\w.])")
_LARGEST = 1 << 20
_SAME = {"POSTGRES_USER": "DB_USER", "POSTGRES_DB": "DB_NAME", "POSTGRES_PASSWORD": "DB_PASSWORD"}
"""What the official image of PostgreSQL calls them."""


def dotenv(gateway: Gateway, addresses: Mapping[str, str]) -> str:
    """Return the text of a replica's `.env`; empty for a gateway that has none and speaks of none.

    `addresses` are `DB_HOST` and so on, as an operator reaches the stores. Other variables are those of the gateway's
    own file or its example; a live secret, or an address of somebody else's, is never taken over.
    """
    given = read_dotenv(gateway.directory)
    if given is None and not _mentioned(gateway):
        return ""
    known = {**addresses, **{name: addresses[same] for name, same in _SAME.items()}}
    values = {name: known.get(name, _harmless(name, value, known)) for name, value in (given or {}).items()}
    return "".join(f"{name}={value}\n" for name, value in {**known, **values}.items())


def _harmless(name: str, value: str, known: Mapping[str, str]) -> str:
    scheme = value.partition("://")[0]
    if scheme in ("postgres", "postgresql"):
        return "{0}://{DB_USER}:{DB_PASSWORD}@{DB_HOST}:{DB_PORT}/{DB_NAME}".format(scheme, **known)
    if scheme == "redis":
        login = f":{known['REDIS_PASSWORD']}@" if known["REDIS_PASSWORD"] else ""
        return f"redis://{login}{known['REDIS_HOST']}:{known['REDIS_PORT']}/0"
    return value if PLAIN.fullmatch(value) and not SECRET.search(name) else "replica"


def _mentioned(gateway: Gateway) -> bool:
    folder = gateway.directory
    files = [folder / gateway.runbook, *folder.glob("*compose*.y*ml"), *folder.glob("scripts/*"), *folder.glob("*.sh")]
    return any(_MENTIONED.search(_read(file)) for file in files if file.is_file())


def _read(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as text:
        return text.read(_LARGEST)
