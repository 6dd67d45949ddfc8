"""The little shell that a live host is trusted with: words, quotes, pipes and lists; whatever else is refused unread.

Own code and no library: what a parser of the whole language would let through must be known here letter by letter.
"""

from __future__ import annotations

import re

# Between double quotes a backslash before any other letter than these is a letter itself: "{{.Name}}\t{{.Status}}".
_QUOTED = r"""'[^'\n]*' | "(?: [^"$`\\!\n] | \\[^"$`\\!\n] )*\""""
_BARE = r"\w./:=,@%+^~*?!\[\]-"
_TOKEN = re.compile(
    rf"""
      (?P<blank>    [ \t]+ | (?<=[ \t])\\\n )
    | (?P<comment>  \#[^\n]* )
    | (?P<redirect> (?: (?:[12]?|&)> [ \t]* /dev/null | [12]?>&[12] ) (?= [ \t\n;|&] | \Z ) )
    | (?P<between>  && | \|\| | [|;\n] )
    | (?P<word>     (?: [{_BARE}] | {_QUOTED} ) (?: [\#{_BARE}] | {_QUOTED} )* )
    """,
    re.VERBOSE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PART = re.compile(r"""'([^']*)'|"([^"]*)"|([^'"]+)""")
_SPREADING = re.compile(r"[*?\[~]")


class NotPlainError(ValueError):
    """A script that is more than words, quotes, pipes and lists."""


class Word(str):
    """A word as its command gets it."""

    __slots__ = ("spreads",)
    spreads: bool
    """Whether the shell may make other words of it."""


def simple_commands(script: str) -> list[list[Word]]:
    """Return the words of each command of a script. Raises NotPlainError, which names what it met."""
    if control := _CONTROL.search(script):
        msg = f"the control character {control[0]!r}"
        raise NotPlainError(msg)
    commands: list[list[Word]] = [[]]
    place, first = 0, True
    while place < len(script):
        found = _TOKEN.match(script, place)
        kind = found.lastgroup if found else None
        if not found or (kind in ("word", "redirect", "comment") and not first):
            raise NotPlainError(_met(script, place))
        place = found.end()
        first = kind in ("blank", "between")
        if kind == "word":
            commands[-1].append(_word(found[0]))
        elif kind == "between":
            commands.append([])
    return [words for words in commands if words]


def _word(text: str) -> Word:
    word = Word("".join(single or double or plain for single, double, plain in _PART.findall(text)))
    word.spreads = any(_SPREADING.search(plain) for _, _, plain in _PART.findall(text))
    return word


def _met(script: str, place: int) -> str:
    what = {
        "$": "an expansion",
        "`": "a substitution",
        "<": "an input",
        ">": "an output to a file",
        "&": "a background",
    }
    met = script[place]
    return f"{what.get(met, 'something that is no plain word')} at {script[place : place + 20]!r}"
