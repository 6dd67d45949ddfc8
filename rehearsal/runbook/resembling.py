"""Headings and metrics in words of their own: what a name most likely means, where nothing means it for certain."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from rehearsal.runbook.vocabulary import canonical, fold, is_known, means

# Each line is one meaning and groups of words: a name has one of each group, and none of those behind a `!`. A word
# with `*` at its end stands for all that begin so.
_RULES = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")


def _word(word: str) -> str:
    return re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "")


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(_word, words))})\b")


def _rule(line: str) -> tuple[str, list[re.Pattern[str]], re.Pattern[str] | None]:
    meaning, *groups = (part.strip() for part in line.split("|"))
    wanted = [_pattern(group.split()) for group in groups if not group.startswith("!")]
    unwanted = [word[1:] for group in groups if group.startswith("!") for word in group.split()]
    return meaning, wanted, _pattern(unwanted) if unwanted else None


_BY_MEANING = {
    fold(meaning): (wanted, unwanted) for meaning, wanted, unwanted in map(_rule, filter(None, _RULES.splitlines()))
}


def those_that_mean(names: Iterable[str], meaning: str) -> frozenset[str]:
    """Return the names that mean this; where none does for certain, the one that most likely does, if it is one."""
    known = list(names)
    certain = frozenset(name for name in known if means(name, meaning))
    likely = [name for name in known if resembles(name, meaning)] if not certain else []
    return certain or frozenset(likely if len(likely) == 1 else ())


def resembles(text: str, meaning: str) -> bool:
    """Tell whether a name that no list knows most likely means this: 'The worker has stopped' is 'Worker Stopped'."""
    rule = _BY_MEANING.get(canonical(meaning))
    if rule is None or is_known(text):
        return False
    wanted, unwanted = rule
    folded = fold(text)
    return all(one.search(folded) for one in wanted) and not (unwanted and unwanted.search(folded))
