"""Mails with contents of many kinds: each arrives as it was handed in, or is refused."""

from __future__ import annotations

import html
import re
import time
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

import httpx

from rehearsal.drills.invariants import FAILED
from rehearsal.drills.ledger import NOBODY
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import ACCEPTED, Http
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError
from rehearsal.replica.protocol import Mail, Replica

_PAUSE_SECONDS = 0.2
_TIMES = 5
_SHOWN = 120
_WORDS = "Atenção: a ação nº 1 já começou — 日本語, ελληνικά, 😀"
_LONG = 60_000
"""Characters of a long mail: more than a column of an ordinary width has room for, less than APIs forbid."""
_SUBJECT = ("subject " * 50).strip()
_NGINX_PAGE = re.compile(r"<center>(?:nginx|openresty)", re.IGNORECASE)
INJECTED = "X-Rehearsal-Injected"
PLAIN, BROKEN_SUBJECT, NUL = "plain words", "a line break in its subject", "a NUL in its text"
MEANINGLESS = (BROKEN_SUBJECT, NUL)
"""A mail of these may be refused, recorded as failed, or sent without what makes no sense; PostgreSQL holds no NUL."""
_TEXTS = {
    PLAIN: "A mail of a drill.",
    "letters of many languages in its text": _WORDS,
    "a line of some 2,000 characters": f"begin {'longer ' * 284}end",
    "lines that begin with a dot": "one\n.two\n..three\n.\nfour",
    "signs that programs give a meaning": "50% of {all} <b>it</b> & 'that' \"too\" \\n $HOME %s",
    f"{_LONG:,} characters": "".join(f"line {number:05}\n" for number in range(_LONG // 11)),
}
_SUBJECTS = {
    "letters of many languages in its subject": _WORDS,
    f"a subject of {len(_SUBJECT)} characters": _SUBJECT,
}


@dataclass(frozen=True, slots=True)
class Content:
    """One mail, and what became of it."""

    kind: str
    words: str
    """Of its subject, behind its token."""
    text: str
    shows_text: bool
    """Whether `http.submit_body` has a place for it."""
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    status: int = 0
    """Of the API's answer; 0 where it gave none."""
    held_back: bool = False
    """Whether nginx answered for the API, with a page of its own."""
    mail_id: str = ""
    mail: Mail | None = None
    """As it arrived; None where it did not."""
    state: str = ""
    """What the API said last of one that did not arrive; empty where it does not tell."""

    @property
    def subject(self) -> str:
        """As it is handed in."""
        return f"{self.token} {self.words}"

    @property
    def under_way(self) -> bool:
        """Whether it was accepted, and has had no end."""
        return self.accepted and self.mail is None and self.state != FAILED

    @property
    def accepted(self) -> bool:
        """Whether the API took it."""
        return self.status in ACCEPTED

    @property
    def changed(self) -> str:
        """What is not as it was handed in, in words; empty where all is. More around it is the gateway's own."""
        if self.mail is None:
            return ""
        wanted, subject = _plain(self.words), _plain(self.mail.subject)
        if wanted not in subject:
            return f"expected the subject `{wanted[:_SHOWN]}`, found `{subject[:_SHOWN]}`"
        text, bodies = _plain(self.text), _readings(self.mail.body)
        if self.shows_text and not any(text in body for body in bodies):
            same = max(_same(text, body) for body in bodies)
            return f"its text of {len(text):,} characters is another from number {same + 1:,} on"
        return ""


def send_all(replica: Replica, gateway: Gateway) -> list[Content]:
    """Hand in one mail of each kind, and wait for them as long as a mail may wait. Raises NotOnThisTargetError."""
    body = repr(gateway.http.submit_body)
    places = ("{subject}" in body, "{text}" in body)
    if not places[0]:
        msg = "http.submit_body of gateway.toml has no place for {subject}, by which a mail is known when it arrives"
        raise NotOnThisTargetError(msg)
    with Http(replica, gateway.http) as http:
        sent = [_hand_in(http, Content(kind, subject, text, places[1])) for kind, subject, text in _kinds()]
        deadline = time.monotonic() + gateway.replica.ready_timeout_seconds
        while any(one.under_way for one in sent) and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
            mails = replica.mails()
            sent = [_look(http, one, mails) if one.under_way else one for one in sent]
    return sent


def _hand_in(http: Http, one: Content) -> Content:
    try:
        for _ in range(_TIMES):
            answer = http.hand_in(NOBODY, one.subject, one.text, str(uuid.uuid4()))
            if answer.status != httpx.codes.TOO_MANY_REQUESTS:
                break
            time.sleep(1)
        mail_id = http.id_in(answer) if answer.status in ACCEPTED else ""
        return replace(one, status=answer.status, mail_id=mail_id, held_back=bool(_NGINX_PAGE.search(answer.body)))
    except NoAnswerError:
        return one


def _look(http: Http, one: Content, mails: Iterable[Mail]) -> Content:
    found = next((mail for mail in mails if one.token in mail.subject), None)
    state = one.state
    if found is None:
        with suppress(NoAnswerError):
            state = http.state_of(one.mail_id)
    return replace(one, mail=found, state=state)


def _plain(text: str) -> str:
    """Leave out how lines are broken, which a mail's way may change."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _readings(body: str) -> list[str]:
    """Return what a reader may see of a body, which may be one of HTML."""
    return [_plain(body), _plain(html.unescape(body)), _plain(html.unescape(re.sub(r"<[^>]*>", " ", body)))]


def _same(text: str, other: str) -> int:
    """Return how many characters two texts share from their beginning on."""
    pairs = enumerate(zip(text, other, strict=False))
    return next((place for place, (one, two) in pairs if one != two), min(len(text), len(other)))


def _kinds() -> Iterator[tuple[str, str, str]]:
    for kind, text in _TEXTS.items():
        yield kind, "of a drill", text
    for kind, subject in _SUBJECTS.items():
        yield kind, subject, _TEXTS[PLAIN]
    yield BROKEN_SUBJECT, f"of a drill\r\n{INJECTED}: yes", _TEXTS[PLAIN]
    yield NUL, "of a drill", "before\0after"
