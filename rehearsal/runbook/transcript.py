"""A copied terminal: what was typed behind a prompt, told from what was printed."""

from __future__ import annotations

import re

SESSIONS = ("console", "shell-session", "shellsession", "sh-session", "bash-session", "terminal")
"""Languages of a block that shows a terminal: without any prompt in it nothing was typed."""

_PROMPT = re.compile(r"[ \t]*(?:[\w.-]+@[\w.-]+[^\s$%#]*[$%#]|\[[^\]\n]*\][$%#]|\$)[ \t]+(?=\S)")
_ROOT = re.compile(r"[ \t]*#[ \t]+(?=\S)")
"""The prompt of root's shell, where a terminal shows no other: in a script the same is a comment."""
_MORE = re.compile(r"[ \t]*>[ \t]?")
_HERE = re.compile(r"""<<-?[ \t]*['"\\]?(\w+)""")


def typed(block: str, language: str) -> str:
    """Return a block with prompts taken off and output blanked, line for line; one without prompts as it is.

    A block that begins with something else than a prompt or a comment is no copied terminal, however many `$` follow.
    """
    lines = block.split("\n")
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    is_roots = language in SESSIONS and not any(map(_PROMPT.match, lines)) and any(map(_ROOT.match, lines))
    if not is_roots and not _PROMPT.match(first) and language not in SESSIONS:
        return block
    kept: list[str] = []
    goes_on, here = False, ""
    for line in lines:
        prompt = (_ROOT if is_roots else _PROMPT).match(line)
        if goes_on or here:
            text = _MORE.sub("", line, count=1) if line.lstrip().startswith(">") else line
        elif prompt:
            text = line[prompt.end() :]
        else:
            text = line if line.lstrip().startswith("#") else ""
        if here:
            here = "" if text.strip() == here else here
        elif text and not text.lstrip().startswith("#") and (opened := _HERE.search(text)):
            here = opened[1]
        goes_on = text.rstrip(" \t").endswith(("\\", "|", "&&")) and not text.lstrip().startswith("#")
        kept.append(text)
    return "\n".join(kept)
