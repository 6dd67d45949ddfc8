"""The parts of a command that a person fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rehearsal.runbook.model import Placeholder, RunbookError

# What a shell means by the same characters is left alone: `[ -f x ]`, `[0-9]`, `[a-z]`, `${a[name]}`, `<<EOF`,
# `< file`, `<in>out`, and the templates of `docker --format '{{.State}}'`.
_FORMS = re.compile(
    r"""
      (?<![A-Za-z]) (?: (?:YYYY|AAAA) [-_/.]? MM [-_/.]? DD | DD [-_/.]? MM [-_/.]? (?:YYYY|AAAA) )
        (?: [-_T:.]? HH [-_:.h]? MM (?: [-_:.m]? SS )? Z? )? (?![A-Za-z])
    | (?<![A-Za-z]) HH [-_:.]? MM [-_:.]? SS (?![A-Za-z])
    | (?<![\w${]) (?:your|YOUR|seu|SEU|sua|SUA) [-_] \w+
    | (?<![<$\\]) < [^\W\d_] (?:[\w\ .:-]{0,60}\w)? > (?![\w>&])
    | (?<![\w$*?{.\]\[\\]) \[ (?=[^\W\d_]) (?!\w-\w(?:\w-\w|[\d_])*\]) [\w\ -]{1,60} (?<=[^\W_]{2}) \] (?![\w*?+{\[])
    | \{\{ \s* (?!(?:end|else)\b) [^\W\d]\w* \s* \}\}
    """,
    re.VERBOSE,
)


def find_placeholders(text: str, line: int = 1) -> tuple[Placeholder, ...]:
    """Return the placeholders of a text whose first line is `line`, in order, repeats among them."""
    found, before = [], 0
    for match in _FORMS.finditer(text):
        line += text.count("\n", before, match.start())
        before = match.start()
        found.append(Placeholder(match[0], line))
    return tuple(found)


def fill(command_text: str, values: Mapping[str, str]) -> str:
    """Return a command with each placeholder replaced by its value, as it is: quoting is the command's own.

    Raises RunbookError that names the first placeholder without a value.
    """

    def value(match: re.Match[str]) -> str:
        if match[0] not in values:
            known = ", ".join(sorted(values)) or "none"
            msg = f"expected a value for the placeholder {match[0]} in `{command_text}`, found values for: {known}"
            raise RunbookError(msg)
        return values[match[0]]

    return _FORMS.sub(value, command_text)
