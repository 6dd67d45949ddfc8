"""Keeps secrets out of everything that a run writes."""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import re
import shlex
from collections.abc import Iterable
from enum import Enum
from typing import TypeVar, cast
from urllib.parse import quote, quote_plus

from rehearsal.results.model import RunReport

MASK = "[masked]"
SHORTEST = 4
"""Characters of the shortest secret that can be masked without masking ordinary words."""
_SHORTEST_CORE = 6  # fewer base64 characters would match by chance

_T = TypeVar("_T")
_VALUE = r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s,;&"'<>]+)"""
_REFERENCE = r"""(?!"?\$(?:\w+|\{[^}\n]*\})"?(?:[\s;&)]|$))"""  # PGPASSWORD="$DB_PASSWORD" gives nothing away
_NAMES = "password|passwd|passphrase|secret|token|api[_-]?key|rediscli_auth"
_BEFORE = r"\b[^|;\n]{0,300}?\s"
"""Other arguments of the same command; bounded, or a long line of output would take its square in time."""
_PATTERNS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", MASK),
        (r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?)[^\"'\r\n]+", rf"\1{MASK}"),
        (r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@\"']*:)[^\s/\"']+@", rf"\1{MASK}@"),
        (
            rf"(\b(?:redis|valkey)-cli{_BEFORE}(?:-a|--pass|(?i:auth))(?:\s+|=)){_REFERENCE}{_VALUE}",
            rf"\1{MASK}",
        ),
        (
            rf"(?i)(\bcurl{_BEFORE}(?:-\w{{0,20}}u[ \t]*|--user[ =]+)[\"']?[^\s:\"']+:){_REFERENCE}[^\s\"']+",
            rf"\1{MASK}",
        ),
        (rf"(?im)(^[ \t]*(?:requirepass|masterauth)[ \t]+){_REFERENCE}{_VALUE}", rf"\1{MASK}"),
        (rf"(?i)((?:{_NAMES})[\"']?\s*[=:]\s*){_REFERENCE}{_VALUE}", rf"\1{MASK}"),
    )
)


class SecretTooShortError(ValueError):
    """A secret that can't be masked, as its text stands in ordinary words too."""


class Redactor:
    """Masks known secrets, in the forms that they take on their way, and what looks like a secret."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if secret}
        if any(len(secret) < SHORTEST for secret in known):
            raise SecretTooShortError(
                f"Expected secrets of at least {SHORTEST} characters, found a shorter one among those that "
                "gateway.toml names: masking it would mask ordinary words. Set a longer secret."
            )
        forms = sorted({form for secret in known for form in _forms(secret)}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, forms))) if forms else None

    def text(self, text: str) -> str:
        """Return the text with every secret masked."""
        if self._known:
            text = self._known.sub(MASK, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def report(self, report: RunReport) -> RunReport:
        """Return the report with every string in it masked."""
        return self.values(report)

    def values(self, value: _T) -> _T:
        """Return a value of the result model (a Result, a RunInfo …) with every string in it masked."""
        return cast("_T", self._walk(value))

    def _walk(self, value: object) -> object:
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple):
            return tuple(self._walk(item) for item in value)
        if isinstance(value, dict):
            return {self._walk(key): self._walk(item) for key, item in value.items()}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            changed = {field.name: self._walk(getattr(value, field.name)) for field in dataclasses.fields(value)}
            return dataclasses.replace(value, **changed)
        return value


def _forms(secret: str) -> set[str]:
    """Return the ways in which a secret is written where it was quoted or encoded for something."""
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    shell = {shlex.quote(secret).removeprefix("'").removesuffix("'"), secret.replace("'", r"'\''")}
    shell |= {re.sub(r'([\\"$`])', r"\\\1", secret), re.sub(r"([^\w@%+=:,./-])", r"\\\1", secret)}
    url = {
        quote(secret, errors="replace"),
        quote(secret, safe="", errors="replace"),
        quote_plus(secret, errors="replace"),
    }
    url |= {re.sub(r"%[0-9A-F]{2}", lambda octet: octet[0].lower(), form) for form in url}
    forms = {secret, secret.replace("'", "''"), html.escape(secret), *escaped, *shell, *url, *_base64_forms(secret)}
    return {form for form in forms if len(form) >= SHORTEST}


def _base64_forms(secret: str) -> set[str]:
    """Return what base64 makes of the secret alone and inside other text, such as `user:secret`."""
    octets = secret.encode("utf-8", "surrogatepass")
    forms = {base64.b64encode(octets).decode()}
    for before in range(3):
        # Characters that share bits with what stands before or after the secret are left out.
        start = -(-before * 8 // 6)
        end = (before + len(octets)) * 8 // 6
        core = base64.b64encode(b"\0" * before + octets).decode()[start:end]
        forms |= {core} if len(core) >= _SHORTEST_CORE else set()
    return forms | {form.replace("+", "-").replace("/", "_") for form in forms}
