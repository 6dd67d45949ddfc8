"""Where a runbook's emergencies lead: the level or the team that their steps name, and who stands for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rehearsal.gateway.contacts import faults_of, is_own
from rehearsal.runbook import Runbook, Section
from rehearsal.runbook.model import Contact, EscalationLevel
from rehearsal.runbook.promises import says_nothing
from rehearsal.runbook.vocabulary import fold, means

EMERGENCIES = "Procedimentos de Emergência"
_LEVEL = re.compile(r"\b(?:nive(?:l|is)|levels?)\s*((?:[0-9]{1,3})(?:\s*(?:,|e|ou|and|or|/)\s*[0-9]{1,3})*)")
_NAMED_LEVEL = re.compile(r"\b(?:nivel|level)\s*([0-9]{1,3})\s*[(,:-]\s*([^()]+?)\s*(?:[).;]|$)")
_SENT_TO_LEVEL = re.compile(r"\b(?:para|ao?|to)\s+([^.;,()]+?)\s*\(\s*(?:nivel|level)\s*([0-9]{1,3})\s*\)")
_CALLS = re.compile(
    r"\b(?:escal|notif|avis|comuni|chama|chame|contat|contact|acion|ligar|ligue|inform|call|page|alert|tell|ask|involv)"
)
_COMMON_WORDS = ("equipe", "time", "team", "the", "and", "for", "das", "dos", "com", "sem", "nivel", "level", "plantao")
_SAME = 5
"""Letters at the beginning that make two words one: `operações`, `operacional`."""
_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Lead:
    """What an emergency's steps name."""

    levels: tuple[EscalationLevel, ...]
    missing: tuple[int, ...]
    """Numbers of levels that the document does not have."""
    contacts: tuple[Contact, ...]
    """The people of the teams and roles that it names."""
    lines: tuple[int, ...]
    """Those that name any of them."""
    crossed: tuple[tuple[EscalationLevel, EscalationLevel], ...] = ()
    """Levels that are named by their number, each beside the one whose name stands behind it."""


def emergencies(runbook: Runbook) -> tuple[Section, ...]:
    """Return the sections of the chapter of emergencies that say anything themselves."""
    return tuple(
        one
        for one in runbook.sections
        if any(means(above, EMERGENCIES) for above in one.path[:-1]) and not says_nothing(one)
    )


def lead_of(runbook: Runbook, emergency: Section) -> Lead:
    """Return where the steps of an emergency lead."""
    known = {level.number: level for level in runbook.escalation}
    numbers: dict[int, None] = {}
    contacts: dict[Contact, None] = {}
    naming: list[int] = []
    crossed: dict[tuple[EscalationLevel, EscalationLevel], None] = {}
    for line, text in _lines(runbook, emergency):
        named = _numbers(text)
        people = list(_named(runbook, text)) if _CALLS.search(text) else []
        numbers.update(dict.fromkeys(named))
        crossed.update(dict.fromkeys(_crossed(text, known)))
        contacts.update(dict.fromkeys(people))
        naming += [line] if named or people else []
    levels = tuple(known[number] for number in numbers if number in known)
    missing = tuple(number for number in numbers if number not in known)
    return Lead(levels, missing, tuple(contacts), tuple(naming), tuple(crossed))


def _crossed(text: str, known: Mapping[int, EscalationLevel]) -> Iterator[tuple[EscalationLevel, EscalationLevel]]:
    """Yield the levels of `level 3 (Development)`, where 3 has another name and Development is the name of another.

    And of `escalate to Development (level 3)`.
    """
    sent = [(number, name) for name, number in _SENT_TO_LEVEL.findall(text)]
    for number, name in (*_NAMED_LEVEL.findall(text), *sent):
        level = known.get(int(number))
        others = [one for one in known.values() if _alike(one.name, name)]
        if level is not None and others and level not in others:
            yield level, others[0]


def people_of(runbook: Runbook, level: EscalationLevel) -> tuple[Contact, ...]:
    """Return who stands for a level: who is told to, else the team of its name, the role, the team in its scope."""
    by_number = [one for one in runbook.contacts if is_own(one) and level.number in _numbers(f"{one.role} {one.text}")]
    by_team = [one for one in runbook.contacts if is_own(one) and _alike(level.name, one.team)]
    by_role = [one for one in runbook.contacts if is_own(one) and _alike(level.name, f"{one.role} {one.text}")]
    by_scope = [one for one in runbook.contacts if is_own(one) and _alike(level.scope, one.team)]
    return tuple(by_number or by_team or by_role or by_scope)


def _numbers(text: str) -> list[int]:
    return [int(number) for match in _LEVEL.finditer(fold(text)) for number in re.findall(r"\d+", match[1])]


def whom_to_call(runbook: Runbook, heading_line: int | None, action: str) -> str:
    """Name in one line whom the runbook wants called over a finding.

    `heading_line` is that of the finding's section, `action` what is to be done: the emergency that either of them is
    about decides, else the first level of escalation. Empty for a document without contacts.
    """
    if not runbook.contacts:
        return ""
    emergency = next(
        (
            one
            for one in emergencies(runbook)
            if one.line == heading_line or f"{one.heading} ({runbook.path.name}:{one.line})" in action
        ),
        None,
    )
    lead = lead_of(runbook, emergency) if emergency else None
    levels = lead.levels if lead else ()
    people = lead.contacts if lead else ()
    if not levels and not people:
        levels = tuple(sorted(runbook.escalation, key=lambda level: level.number)[:1])
    people = (*people, *(one for level in levels for one in people_of(runbook, level)))
    usable = [one for one in dict.fromkeys(people) if not faults_of(one)]
    named = ", ".join(
        f"level {level.number} ({level.name})" if level.name else f"level {level.number}" for level in levels
    )
    if usable:
        said = "; ".join(f"{one.role}, {one.text}".strip(", ") for one in usable[:_SHOWN])
        return f"{named}: {said}" if named else said
    lines = ", ".join(str(one.line) for one in dict.fromkeys(people))
    reason = f"its contacts are not filled in, at lines {lines}" if lines else "no contact stands for it"
    return f"{named or 'the team that is named'}: nobody, {reason}"


def _named(runbook: Runbook, text: str) -> Iterable[Contact]:
    words = text.split()
    for one in runbook.contacts:
        role = fold(one.role)
        if is_own(one) and ((role and f" {role} " in f" {' '.join(words)} ") or _alike(one.team, text)):
            yield one


def _alike(name: str, text: str) -> bool:
    found = _words(text)
    # What is common tells nothing beside other words; a level that is called `Plantão` has no other.
    wanted = [word for word in _words(name) if word not in _COMMON_WORDS] or _words(name)
    return any(one[:_SAME] == other[:_SAME] and len(one) >= _SAME for one in wanted for other in found)


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", fold(text)) if len(word) > 2]  # noqa: PLR2004


def _lines(runbook: Runbook, section: Section) -> list[tuple[int, str]]:
    following = [one.line for one in runbook.sections if one.line > section.line]
    lines = runbook.text.split("\n")
    last = min(following, default=len(lines) + 1)
    return [(number, fold(lines[number - 1])) for number in range(section.line + 1, last)]
