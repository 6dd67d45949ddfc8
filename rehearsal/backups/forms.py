"""How a moment stands in the names of backups whose restore takes the newest: `ls -t folder/name-*.gz | head -1`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rehearsal.runbook import Procedure

_PATTERN = re.compile(r"[\w./-]*/[\w.-]*[\w.-]\*(?:\.\w+)+")
_FOUND = re.compile(r"\bfind\s+(?P<folder>[\w./-]+)\b.*?-name\s+['\"]?(?P<name>[\w.-]+\*(?:\.\w+)+)")
_FORMAT = re.compile(
    r"\bdate\b[^\n|;]*?\s\+(?:'([^'\n]*)'|\"([^\"\n]*)\"|([^\s)\"'`;|&]+))|\bstrftime\(\s*['\"]([^'\"\n]*)|%\(([^)\n]*)\)T"
)
_IN_A_NAME = re.compile(r"(?:%[YmdHMSF]|[-_.TZhm])+")
_SIGNS = {"%F": "YYYY-MM-DD", "%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH", "%M": "MM", "%S": "SS"}


def patterns_in(restore: Procedure) -> tuple[str, ...]:
    """Return the patterns of files in a folder by which a restore looks for its backup."""
    found = [word for command in restore.commands for word in _PATTERN.findall(command.text)]
    for command in restore.commands:
        found += [f"{one['folder'].rstrip('/')}/{one['name']}" for one in _FOUND.finditer(command.text)]
    return tuple(dict.fromkeys(found))


def stamps_in(texts: Iterable[str], prefix: str) -> tuple[str, ...]:
    """Return in which forms scripts write a moment into a name, as a document would: `YYYYMMDD-HHMMSS`.

    Of those in which `prefix` stands, where they have some.
    """
    known = [(text, _forms(text)) for text in texts]
    own = [form for text, forms in known if prefix in text for form in forms]
    return tuple(dict.fromkeys(own or [form for _, forms in known for form in forms]))


def _forms(text: str) -> list[str]:
    formats = ["".join(found.groups(default="")) for found in _FORMAT.finditer(text)]
    written = [re.sub("%.", lambda sign: _SIGNS[sign[0]], one) for one in formats if _IN_A_NAME.fullmatch(one)]
    return [form for form in written if "YYYY" in form and "DD" in form]
