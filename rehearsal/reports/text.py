"""Text from outside made fit to be shown: on a terminal, on a page, on paper."""

from __future__ import annotations

import re
from typing import Final

from rehearsal.results.model import Finding, Outcome, Result, RunReport

SHOWN_OUTPUT: Final = 6000
"""Characters of one output that are shown; results.json has all that was kept."""

# Controls act on terminals, break lines in scripts, turn reading order round, or can't be encoded.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def visible(text: str) -> str:
    """Return text in which every control character but tab and newline is seen instead of obeyed."""
    return _UNSEEN.sub(_picture, text.replace("\r\n", "\n"))


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:  # noqa: PLR2004  the C0 controls have pictures of their own
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{code:04x}"  # noqa: PLR2004  DEL


def in_one_line(text: str, width: int) -> str:
    """Return text in one line of at most `width` characters, cut with an ellipsis."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= width else line[: max(width - 1, 0)].rstrip() + "…"


def cut_middle(text: str, cut_words: str, limit: int = SHOWN_OUTPUT) -> str:
    """Return text of about `limit` characters; `cut_words` with `{count}` stands where the middle was."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n{cut_words.format(count=len(text) - 2 * half)}\n{text[-half:]}"


def counts(report: RunReport) -> dict[Outcome, int]:
    """Return how many results ended in each outcome that is present: ok first, then by severity."""
    found = [result.outcome for result in report.results]
    return {outcome: found.count(outcome) for outcome in sorted(set(found), key=lambda outcome: outcome.severity)}


def said_by(result: Result) -> tuple[Finding, ...]:
    """Return a result's findings, its own message before them where none of them says it."""
    if any(finding.message == result.message for finding in result.findings):
        return result.findings
    return (Finding(result.outcome, result.message), *result.findings)
