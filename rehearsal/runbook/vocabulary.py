"""The words of runbooks in Portuguese and English: what a check asks for by one is found by the other."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

# Each line of the table is one meaning, its first word the name that `canonical` gives it; a long one goes on in a line
# with the same first word. Capitals, accents, articles and prepositions do not count.
_EQUIVALENTS = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")

_NUMBERING = re.compile(
    r"(?:§\s*)?(?:\d+(?:\.\d+)+\.?|\d+[.):]|[A-Z](?:\.\d+)+\.?|[A-Z][.):]|[IVX]+[.):])\s+"
    r"|§\s*\d+\s+"
    r"|(?:Part|Parte|Step|Passo|Chapter|Cap[ií]tulo|Section|Se[cç][aã]o)"
    r"\s+(?:\d+(?:\.\d+)*|[A-Z]|[IVX]+)\s*[-:.\u2013\u2014]\s*"
)
_FILLERS = frozenset(("o", "a", "os", "as", "do", "da", "dos", "das", "de", "em", "no", "na", "the", "of", "an"))
"""Words that a heading has or has not."""
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_EMPHASIS = re.compile(r"[*`]|~~|(?<!\w)_+|_+(?!\w)")


def without_accents(text: str) -> str:
    """Return a text in which `é` is `e`."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def fold(text: str) -> str:
    """Return a text without capitals, accents, numbering, emphasis and trailing punctuation."""
    plain = _EMPHASIS.sub("", _LINK.sub(r"\1", text)).strip()
    plain = _NUMBERING.sub("", plain, count=1) if _NUMBERING.match(plain) else plain
    return " ".join(without_accents(plain).replace("\u2019", "'").casefold().split()).rstrip(" .:;,!?")


def _loose(folded: str) -> str:
    return " ".join(word for word in re.findall(r"[\w.&()']+", folded) if word not in _FILLERS)


_MEANINGS = {
    fold(word): fold(line.split("|")[0]) for line in _EQUIVALENTS.splitlines() if line for word in line.split("|")
}
_LOOSE = {_loose(word): meaning for word, meaning in reversed(_MEANINGS.items())}

_ENGLISH = {fold(first): first for first in (line.split("|")[0].strip() for line in _EQUIVALENTS.splitlines()) if first}


def in_english(text: str) -> str:
    """Return the English name of a known meaning, with its capitals; empty for one that is not known."""
    return _ENGLISH.get(canonical(text), "")


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """Return the one name of all words with the meaning of this one: its folded self where it is not known."""
    folded = fold(text)
    return _MEANINGS.get(folded) or _LOOSE.get(_loose(folded), folded)


def is_known(text: str) -> bool:
    """Tell whether the table has a word or heading."""
    folded = fold(text)
    return folded in _MEANINGS or _loose(folded) in _LOOSE


def means(text: str, meaning: str) -> bool:
    """Tell whether two words or headings say the same, in either language."""
    return canonical(text) == canonical(meaning)
