"""The ledger's invariants, on what a gateway might have done."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.drills.invariants import Account, Fault, Weight, faults
from rehearsal.drills.ledger import Entry, Reply, Said
from rehearsal.replica.protocol import Mail

ACCEPTED = Reply(Said.ACCEPTED, "id-1", "", 202)
REFUSED = Reply(Said.REFUSED, "", "422: no", 422)
BROKEN = Reply(Said.REFUSED, "", "503: later", 503)
SILENT = Reply(Said.NOTHING, "", "no answer", 0)


def entry(*replies: Reply, mark: str = "t1", sent_on_record: float = 0) -> Entry:
    """Return a mail with these answers."""
    return Entry(f"key-{mark}", mark, "all was well", True, list(replies), sent_on_record)  # noqa: FBT003


def mail(mark: str = "t1", received: float = 100, message_id: str = "<1@x>") -> Mail:
    """Return a mail that arrived."""
    return Mail("a@x", ("b@x",), f"Rehearsal {mark}", {"Message-ID": message_id}, "", received)


def account(
    *entries: Entry,
    mails: tuple[Mail, ...] = (),
    states: dict[str, str] | None = None,
    tries: dict[str, int] | None = None,
    disturbed: tuple[float, float] | None = None,
) -> Account:
    """Return what a drill ended with."""
    return Account(entries, mails, states or {}, tries or {}, attempts=5, disturbed=disturbed, seconds=3)


def said(found: list[Fault]) -> str:
    """Return what is said of grave faults, in one text."""
    return "; ".join(fault.words for fault in found if fault.weight is Weight.BROKEN)


def test_delivered_once_is_right() -> None:
    """Accepted and delivered once, refused and nowhere, silent and then accepted: nothing is said."""
    entries = (entry(ACCEPTED), entry(REFUSED, mark="t2"), entry(SILENT, ACCEPTED, mark="t3"))
    assert faults(account(*entries, mails=(mail(), mail("t3")))) == []


def test_lost_mail_is_grave() -> None:
    """An accepted mail that never came is named with its state."""
    found = said(faults(account(entry(ACCEPTED), states={"id-1": "sent"})))
    assert "accepted and never delivered, in 3 s" in found
    assert "the API says sent" in found


def test_yes_without_an_id_is_grave() -> None:
    """A client takes it for accepted; behind an earlier request of its own it may be said of that one."""
    yes = Reply(Said.NOTHING, "", "expected the mail's id", 202)
    assert "told that they are accepted, and given no id" in said(
        faults(account(entry(yes, ACCEPTED), mails=(mail(),)))
    )
    assert faults(account(entry(SILENT, yes, ACCEPTED), mails=(mail(),))) == []


def test_given_up_early_is_grave_and_late_is_not() -> None:
    """A mail may be recorded as failed after as many tries as were promised."""
    failed = {"id-1": "failed"}
    assert "fewer than 5" in said(faults(account(entry(ACCEPTED), states=failed, tries={"id-1": 1})))
    late = faults(account(entry(ACCEPTED), states=failed, tries={"id-1": 5}))
    assert [fault.weight for fault in late] == [Weight.DOUBTFUL]


def test_second_copy_is_excused_only_where_the_record_was_interrupted() -> None:
    """At-least-once delivery excuses a copy of the same Message-ID, sent before anybody could record the first."""
    copies = (mail(received=100), mail(received=105))
    assert "more than once" in said(faults(account(entry(ACCEPTED), mails=copies)))
    excused = faults(account(entry(ACCEPTED), mails=copies, disturbed=(99, 101)))
    assert [fault.weight for fault in excused] == [Weight.EXPLAINED]
    assert "as at-least-once delivery allows" in excused[0].words
    assert said(faults(account(entry(ACCEPTED), mails=copies, disturbed=(101, 110))))
    other = (mail(received=100), mail(received=105, message_id="<2@x>"))
    assert "2 different Message-IDs" in said(faults(account(entry(ACCEPTED), mails=other, disturbed=(99, 101))))
    late = entry(ACCEPTED, sent_on_record=102)
    assert "after the API had called it sent" in said(faults(account(late, mails=copies, disturbed=(99, 101))))


def test_one_key_with_two_ids_is_grave() -> None:
    """Idempotency means one id for one key."""
    two = entry(ACCEPTED, Reply(Said.ACCEPTED, "id-2", "", 202))
    assert "accepted twice under one idempotency key" in said(faults(account(two, mails=(mail(),))))


def test_refused_and_delivered_is_grave() -> None:
    """What was refused is nowhere; after a fault of the gateway's own, in an outage, nobody can be sure."""
    assert "refused and delivered" in said(faults(account(entry(REFUSED), mails=(mail(),))))
    assert "refused and delivered" in said(faults(account(entry(SILENT, REFUSED), mails=(mail(),))))
    unsure = entry(BROKEN)
    unsure.patient = False
    assert said(faults(account(unsure, mails=(mail(),))))
    assert not said(faults(account(unsure, mails=(mail(),), disturbed=(99, 101))))


def test_never_accepted_again_is_grave() -> None:
    """A client that asks again and again is heard in the end."""
    assert "not accepted when all was well again" in said(faults(account(entry(SILENT, BROKEN))))


def test_word_that_nobody_has_explained_is_told() -> None:
    """A state in the API's own word, which gateway.toml does not explain, says where to explain it."""
    found = said(faults(account(entry(ACCEPTED), states={"id-1": "bounced"})))
    assert "the API says bounced (say in http.states of gateway.toml what 'bounced' means)" in found
    assert "http.states" not in said(faults(account(entry(ACCEPTED), states={"id-1": "queued"})))


def test_state_that_is_not_true_is_grave() -> None:
    """A mail that arrived is not called queued, and one that was accepted is not unknown."""
    assert "it says queued" in said(faults(account(entry(ACCEPTED), mails=(mail(),), states={"id-1": "queued"})))
    forgotten = faults(account(entry(ACCEPTED), mails=(mail(),), states={"id-1": "unknown to the API"}))
    assert "not on record" in said(forgotten)


@given(
    st.lists(st.sampled_from([ACCEPTED, REFUSED, BROKEN, SILENT]), max_size=4),
    st.integers(min_value=0, max_value=3),
    st.booleans(),
)
def test_every_history_is_judged_by_what_it_promised(replies: list[Reply], copies: int, patient: bool) -> None:  # noqa: FBT001
    """Whatever was answered: accepted means one copy, refused none; and no number of copies hides what is missing."""
    one = entry(*replies)
    one.patient = patient
    found = said(faults(account(one, mails=tuple(mail(received=100 + n) for n in range(copies)))))
    if one.accepted:
        assert bool(found) == (copies != 1)
    elif one.refused and copies:
        assert "refused and delivered" in found
    if copies == 0 and one.accepted:
        assert "never delivered" in found


def test_conflict_of_requests_at_once_is_no_refusal() -> None:
    """Who hears of a conflict while others hand in the same mail asks again; alone it would be refused."""
    conflict = Reply(Said.REFUSED, "", "409: in progress", 409)
    alone = entry(conflict)
    together = replace(alone, at_once=True)
    assert (alone.open, alone.refused) == (False, True)
    assert together.open
    assert "not accepted when all was well again" in said(faults(account(together)))
