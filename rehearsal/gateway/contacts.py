"""Whether a line of the contacts can be used to reach somebody: filled in, addresses and numbers well-formed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rehearsal.runbook.model import Contact
from rehearsal.runbook.vocabulary import fold, means

SUPPLIERS = "Fornecedores"
"""The team that is none of ours: how a supplier is reached is the supplier's."""
Reach = Literal["e-mail address", "telephone number"]

_PARTS = re.compile(r"\s+[-\u2013\u2014|/]\s+|\s*[|;,]\s*|\s+-\s*$")
_LABEL = re.compile(
    r"^(?:e-?mail|mail|tel(?:efone|ephone)?|fone|phone|cel(?:ular)?|mobile|fax|whatsapp|ramal)\b[.:]*\s*", re.IGNORECASE
)
_EXTENSION = re.compile(r"\s*(?:ramal|ext(?:ension)?\.?|x)\s*\d{1,6}$", re.IGNORECASE)
_EMAIL = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}",
    re.ASCII,
)
_NUMBER = re.compile(r"\+?[\d\s().-]*\d[\d\s().-]*")
_PUNCTUATION = re.compile(r"[\s\W_xX0]*")
_NOBODY = frozenset(
    fold(word)
    for word in (
        *(
            "TBD",
            "TBA",
            "TODO",
            "FIXME",
            "to be defined",
            "to be decided",
            "pending",
            "n/a",
            "none",
            "nobody",
            "unknown",
        ),
        *("a definir", "definir", "por definir", "a confirmar", "a preencher", "preencher", "pendente", "nenhum"),
        *("ninguém", "vago", "nome", "name", "email", "e-mail", "telefone", "phone", "contato", "contact"),
    )
)
_LEAST_DIGITS, _MOST_DIGITS = 8, 15
"""Of a number that can be called from elsewhere: the most is E.164's, the least that of small countries with a code."""


_BY_CODE = {"1": (11, 11), "55": (12, 13), "351": (12, 12)}
"""Digits of numbers from North America, Brazil and Portugal with their code, by the plans of these countries."""


def faults_of(contact: Contact) -> list[str]:
    """Say what keeps a contact from being used, each in a few words; empty for one that is well-formed."""
    if contact.unfilled:
        return [f"{', '.join(f'`{one.text}`' for one in contact.unfilled)} still to be filled in"]
    parts = [part for part in _parts(contact) if part]
    if not parts or _PUNCTUATION.fullmatch(contact.text):
        return ["nobody is named"]
    return [fault for part in parts if (fault := _fault(part))]


def reached_by(contact: Contact) -> set[Reach]:
    """Return the ways that a contact gives to reach it, well-formed or not."""
    ways: set[Reach] = set()
    for part in _parts(contact):
        if "@" in part.strip("@"):
            ways.add("e-mail address")
        elif _is_number(part):
            ways.add("telephone number")
    return ways


def lacking(contact: Contact, contacts: Sequence[Contact]) -> set[Reach]:
    """Return what every other person of the document's own teams gives, and this one does not."""
    others = [reached_by(one) for one in contacts if is_own(one) and one is not contact]
    if not is_own(contact) or len(others) < 2:  # noqa: PLR2004  one other is no custom
        return set()
    return set.intersection(*others) - reached_by(contact)


def is_own(contact: Contact) -> bool:
    """Tell whether a contact is of a team of the document's owners."""
    return not means(contact.team, SUPPLIERS)


def _parts(contact: Contact) -> list[str]:
    return [_EXTENSION.sub("", _LABEL.sub("", part.strip(" <>()*`"))) for part in _PARTS.split(contact.text)]


def _fault(part: str) -> str:
    if fold(part) in _NOBODY or (_PUNCTUATION.fullmatch(part) and not part.strip("xX?_- .")):
        return f"`{part}` names nobody"
    if "@" in part and "://" not in part and (part.strip("@") != part[1:] or "." in part):
        words = [word for word in part.split() if "@" in word]
        wrong = [word for word in words if not _EMAIL.fullmatch(word.strip("<>()[]"))]
        return f"`{wrong[0]}` is no e-mail address" if wrong else ""
    if _is_number(part):
        return _fault_of_number(part)
    return ""


def _is_number(part: str) -> bool:
    digits = sum(char.isdigit() for char in part)
    letters = sum(char.isalpha() for char in part)
    # A letter O between digits is a number written wrong, and a `contract 0001` or a `24x7` is none.
    return part.startswith("+") or (part[:1] in "(0123456789" and bool(part) and digits >= 3 and digits > 3 * letters)  # noqa: PLR2004


def _fault_of_number(part: str) -> str:
    # Of `+1 202-555-0120 (24x7)` what is left of the words in brackets.
    digits = [char for char in re.sub(r"\s\(\d+$", "", part) if char.isdigit()]
    if not _NUMBER.fullmatch(part):
        return f"`{part}` is no telephone number: only digits, +, spaces, dots, hyphens and brackets are"
    least, most = _digits_of(part)
    if not least <= len(digits) <= most:
        return f"`{part}` is no telephone number: it has {len(digits)} digits"
    if len(set(digits)) == 1:
        return f"`{part}` is no telephone number: all of its digits are {digits[0]}"
    return ""


def _digits_of(part: str) -> tuple[int, int]:
    """Return how many digits a number has at least and at most, by the code of its country where it begins with one."""
    code = re.match(r"\+\s*\(?(\d{1,3})\)?(?=[\s().-])", part)
    return _BY_CODE.get(code[1] if code else "", (_LEAST_DIGITS, _MOST_DIGITS))
