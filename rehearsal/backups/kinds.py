"""What the kinds of backups are called in names, commands and crontabs: `daily` here, `diario` or `day` there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rehearsal.runbook.vocabulary import without_accents

KINDS = ("daily", "weekly", "monthly", "yearly")
_STYLES = (
    KINDS,
    ("diario", "semanal", "mensal", "anual"),
    ("diaria", "semanal", "mensal", "anual"),
    ("diarios", "semanais", "mensais", "anuais"),
    ("diarias", "semanais", "mensais", "anuais"),
    ("day", "week", "month", "year"),
    ("dia", "semana", "mes", "ano"),
)


def style_of(text: str, kinds: Iterable[str]) -> dict[str, str]:
    """Return how all kinds are called where a text names one of `kinds`; empty where it names none."""
    styles = [dict(zip(KINDS, words, strict=True)) for words in _STYLES]
    named = [kind for kind in kinds if kind in KINDS]
    return next((style for style in styles if any(_names(text, style[kind]) for kind in named)), {})


def kind_in(text: str, kinds: Iterable[str]) -> str:
    """Return the first of `kinds` that a text names in a word of its own; empty where it names none."""
    return next((kind for kind in kinds if style_of(text, [kind])), "")


def renamed(text: str, old: str, new: str) -> str:
    """Return a text in which another kind has taken the place of one that it names."""
    style = style_of(text, [old]) if old != new else {}
    return _word(style[old]).sub(style[new], without_accents(text)) if style else text


def before_kind(text: str) -> str:
    """Return what stands before the kind in a name, all of it where it names none: `gw-` of `gw-daily-`."""
    style = style_of(text, KINDS)
    found = [match.start() for word in style.values() if (match := _word(word).search(without_accents(text)))]
    return text[: min(found)] if found else text


def _names(text: str, word: str) -> bool:
    return _word(word).search(without_accents(text)) is not None


def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_]){word}(?![^\W\d_])", re.IGNORECASE)
