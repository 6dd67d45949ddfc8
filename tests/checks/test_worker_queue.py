"""Sabotage of "Worker Parado": mails that are not taken at once or ever, and what its commands print of the queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.emergencies import test_worker_queue as queue
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged


def test_worker_that_gives_up_at_once_is_seen(tmp_path: Path) -> None:
    """A mail that is given up after one try is critical; one that is tried until it is taken is ok."""
    with sabotaged(tmp_path, ("app/worker.py", "final = is_final(claimed, attempt)", "final = True")) as judge:
        seen = judge(queue.test_mail_is_tried_again)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "fewer than 5 tries" in seen.message


def test_every_manner_of_the_mail_server_is_met(judge: Judge) -> None:
    """What the reference withstands was really done to it: a manner that nobody met would be left out unheard."""
    seen = judge(queue.test_mail_is_tried_again)
    assert seen.outcome is Outcome.OK, seen.message
    said = " ".join(map(str, seen.record.evidence))
    for words in ("was away", "451 to RCPT", "451 once it had read", "before it answered", "before QUIT", "with 421"):
        assert words in said, words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("code >= PERMANENT", "code >= 400", "said 451 to RCPT"),
        ("return _by_code(*refusal.recipients[mail.to])", 'return "refused", 451, ""', "said 451 to RCPT"),
        (
            "return _by_code(refusal.smtp_code, refusal.smtp_error)",
            'return "refused", refusal.smtp_code, ""',
            "said 451 once it had read the mail",
        ),
        (
            "    except smtplib.SMTPNotSupportedError",
            (
                '    except smtplib.SMTPServerDisconnected:\n        return "accepted", 250, ""\n'
                "    except smtplib.SMTPNotSupportedError"
            ),
            "cut the connection",
        ),
        (
            "    except (OSError, smtplib.SMTPException) as problem:",
            (
                "    except smtplib.SMTPConnectError as problem:\n"
                '        outcome, code, detail = "refused", problem.smtp_code, str(problem)\n'
                "    except (OSError, smtplib.SMTPException) as problem:"
            ),
            "greeted with 421",
        ),
    ],
    ids=["4xx is final", "RCPT is final", "DATA is final", "cut is taken", "a greeting is final"],
)
def test_worker_that_takes_later_for_never_is_seen(old: str, new: str, words: str, tmp_path: Path) -> None:
    """A worker that gives a deferred mail up, or takes a cut connection for a yes, is critical, and for that alone."""
    with sabotaged(tmp_path, ("app/smtp.py", old, new)) as judge:
        seen = judge(queue.test_mail_is_tried_again)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    said = [finding.message for finding in seen.record.findings if finding.outcome is Outcome.CRITICAL]
    assert any(words in message for message in said), said
    assert not any("was away" in message for message in said), said


def test_worker_that_takes_a_cut_after_the_mail_for_a_no_is_seen(tmp_path: Path) -> None:
    """What the mail server has said yes to is not sent again because it does not answer QUIT."""
    polite = (
        "app/smtp.py",
        "    with contextlib.suppress(OSError, smtplib.SMTPException):\n        server.quit()",
        "    server.quit()",
    )
    with sabotaged(tmp_path, polite) as judge:
        seen = judge(queue.test_mail_is_tried_again)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    said = [one.message for one in seen.record.findings if one.outcome is Outcome.CRITICAL]
    assert len(said) == 1, said
    assert "cut the connection then, before QUIT" in said[0]


def test_name_of_its_own_for_each_try_is_a_warning(tmp_path: Path) -> None:
    """A Message-ID that each try makes anew hides from the reader of a doubled mail that both are one."""
    anew = 'message["Message-ID"] = __import__("email.utils").utils.make_msgid()'
    with sabotaged(tmp_path, ("app/smtp.py", 'message["Message-ID"] = mail.message_id', anew)) as judge:
        seen = judge(queue.test_mail_is_tried_again)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert len(seen.record.findings) == 2
    assert all("under another Message-ID" in one.message for one in seen.record.findings), seen.message


def test_tries_that_are_used_up_at_once_are_seen(tmp_path: Path) -> None:
    """Without a pause between tries a mail server that is away for seconds costs every mail of that time."""
    hasty = ("app/queue.py", '{"type": "exponential", "delay": settings.retry_delay_ms}', "0")
    with sabotaged(tmp_path, hasty) as judge:
        seen = judge(queue.test_mail_is_tried_again)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "all tries were used up in that time" in seen.message
    assert not [one for one in seen.record.findings if one.outcome is Outcome.UNKNOWN], seen.message


@pytest.mark.parametrize(
    ("tries", "promised", "told"),
    [(2, "", True), (3, "", False), (3, "attempts = 4\n", True)],
    ids=["2", "3", "3 of 4"],
)
def test_fewer_tries_than_promised_are_told(tries: int, promised: str, *, told: bool, tmp_path: Path) -> None:
    """A queue that allows two tries, or fewer than gateway.toml says, is told, though the second one served."""
    few = ("app/queue.py", "ATTEMPTS = 5", f"ATTEMPTS = {tries}")
    with sabotaged(tmp_path, few, ("gateway.toml", "attempts = 5", promised)) as judge:
        seen = judge(queue.test_mail_is_tried_again)
    said = [finding.message for finding in seen.record.findings]
    assert any(f"allows each mail {tries} tries" in message for message in said) is told, said


GIVES_UP = "                await give_up(conn, claimed, attempt)\n"
CALLS_SENT = '                await mark_sent(conn, claimed.id, "", datetime.now(UTC), "sent")\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (GIVES_UP, CALLS_SENT, "says that it is sent"),
        (GIVES_UP, "                return {}\n", "the API says queued"),
    ],
    ids=["called sent", "dropped"],
)
def test_refusal_that_nobody_learns_of_is_seen(old: str, new: str, words: str, tmp_path: Path) -> None:
    """A worker that calls a refused mail sent, or drops it without a word, is critical."""
    with sabotaged(tmp_path, ("app/worker.py", old, new), wait=8) as judge:
        seen = judge(queue.test_refused_mail_is_told)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert words in seen.message


def test_refusal_that_is_told_is_ok(judge: Judge) -> None:
    """The reference gives a refused mail up, says so, and sends the next one."""
    seen = judge(queue.test_refused_mail_is_told)
    assert seen.outcome is Outcome.OK, seen.message


ON_RECORD = ("app/delivery.py", "SET state = 'failed'", "SET attempts = attempts")
TOLD_SENT = ("app/delivery.py", "SET state = 'failed'", "SET state = 'sent', sent_at = now(), message_id = ''")
NOT_AGAIN = (
    "app/relay.py",
    "if not job.exists or job.finished:",
    "if job.finished:\n                    continue\n                if not job.exists:",
)
NO_ROOM = ("migrations/0003_logs_events_webhooks.sql", "detail text NOT", "detail varchar(80) NOT")
OWN_PAUSE = ("app/queue.py", '"attempts": ATTEMPTS', '"attempts": 1')


@pytest.mark.parametrize(
    ("edits", "outcome", "words"),
    [
        ([], Outcome.OK, ""),
        ([("app/delivery.py", " or claimed.attempts + 1 >= ATTEMPTS", "")], Outcome.CRITICAL, "tried on and on"),
        ([ON_RECORD, NOT_AGAIN], Outcome.CRITICAL, "the API says queued, and its job is failed"),
        ([TOLD_SENT], Outcome.CRITICAL, "says that it is sent"),
        ([NO_ROOM], Outcome.CRITICAL, "tried on and on"),
        ([("app/delivery.py", "attempts + 1 >= ATT", "attempts + 1 > ATT")], Outcome.WARNING, "6 times; after 5 tries"),
        ([OWN_PAUSE, NOT_AGAIN], Outcome.NOT_APPLICABLE, "no further try came within"),
        ([OWN_PAUSE], Outcome.OK, ""),
    ],
    ids=[
        "as it is",
        "for ever",
        "no record",
        "called sent",
        "no room for the reason",
        "once more",
        "a pause of its own",
        "a job for each try",
    ],
)
def test_last_try(edits: list[tuple[str, str, str]], outcome: Outcome, words: str, tmp_path: Path) -> None:
    """A mail that is never given up, given up without a record, or called sent is critical."""
    with sabotaged(tmp_path, *edits, wait=4) as judge:
        seen = judge(queue.test_mail_is_given_up)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


def test_later_try_than_anybody_waits_for_is_told(tmp_path: Path) -> None:
    """A job that the queue keeps for later than the objective is a warning: nobody has seen that it is lost."""
    patient = (
        "app/queue.py",
        '{"type": "exponential", "delay": settings.retry_delay_ms}',
        '{"type": "fixed", "delay": 20000}',
    )
    with sabotaged(tmp_path, patient, wait=6) as judge:
        seen = judge(queue.test_mail_is_tried_again)
    told = [finding.message for finding in seen.record.findings if finding.outcome is Outcome.WARNING]
    waits = sorted(message.partition(";")[0] for message in told if "its job waits for later" in message)
    assert waits == [
        "at the first try the mail server cut the connection before it answered for the mail",
        "at the first try the mail server greeted with 421, as one does that has too many connections",
        "at the first try the mail server read the mail and fell silent",
        "at the first try the mail server said 451 once it had read the mail",
        "at the first try the mail server said 451 to RCPT",
    ], told


def test_worker_that_waits_for_ever_is_told(tmp_path: Path) -> None:
    """A worker without a limit of time is told, though its mail comes through once the silent server has gone."""
    with sabotaged(tmp_path, ("app/smtp.py", "TIME_LIMIT = 5", "TIME_LIMIT = 3600"), wait=8) as judge:
        seen = judge(queue.test_mail_is_tried_again)
    assert [(one.outcome, "still waited for its answer" in one.message) for one in seen.record.findings] == [
        (Outcome.WARNING, True)
    ], seen.message


def test_gateway_that_writes_to_somebody_else_is_unknown(tmp_path: Path) -> None:
    """Where all mails go to one address the mail server takes them at once, and nothing was seen."""
    at = '# submit_body = { to = "{to}", subject'
    body = 'submit_body = { to = "one@example.com", subject = "{subject}", text = "{text}" }\n'
    with sabotaged(tmp_path, ("gateway.toml", at, body + at)) as judge:
        seen = judge(queue.test_mail_is_tried_again)
    assert seen.outcome is Outcome.UNKNOWN, seen.message
    assert "write {to} into http.submit_body" in seen.message


def test_worker_that_does_not_ask_what_is_sent_is_seen(tmp_path: Path) -> None:
    """A worker that sends what is on record as sent is critical: at-least-once delivery does not excuse it."""
    blind = ("app/delivery.py", "return Claim(outbox_id, row[0],", 'return Claim(outbox_id, "queued",')
    with sabotaged(tmp_path, blind) as judge:
        seen = judge(queue.test_sent_mail_is_not_sent_again)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "after the API had called it sent" in seen.message


@pytest.mark.parametrize(
    ("edits", "outcome"),
    [([], Outcome.OK), ([("app/worker.py", "(signal.SIGTERM, signal.SIGINT)", "(signal.SIGINT,)")], Outcome.WARNING)],
    ids=["ends what it has begun", "drops it"],
)
def test_stopped_worker(edits: list[tuple[str, str, str]], outcome: Outcome, tmp_path: Path) -> None:
    """A worker that SIGTERM ends at once sends again what the mail server was about to take: a warning."""
    with sabotaged(tmp_path, *edits) as judge:
        seen = judge(queue.test_stopped_worker_ends_what_it_has_begun)
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "it arrived 2 times" in seen.message


def test_sent_mail_not_sent_again_is_ok(judge: Judge) -> None:
    """The reference's worker asks the row first."""
    seen = judge(queue.test_sent_mail_is_not_sent_again)
    assert seen.outcome is Outcome.OK, seen.message


def test_mail_tried_again_is_ok(judge: Judge) -> None:
    """A mail that is tried until it is taken is ok."""
    seen = judge(queue.test_mail_is_tried_again)
    assert seen.outcome is Outcome.OK, seen.message


def test_true_queue_length_is_ok(judge: Judge) -> None:
    """The reference's section prints how many mails wait."""
    seen = judge(queue.test_queue_length_is_the_real_one)
    assert seen.outcome is Outcome.OK, seen.message


def test_api_that_makes_no_job_is_told(tmp_path: Path) -> None:
    """Where the worker alone makes jobs, nobody sees what waits while it is stopped: a warning."""
    jobless = ("app/api.py", "await within(_PROBE_SECONDS, add_job(self._queue, outbox_id))", "pass")
    with sabotaged(tmp_path, jobless, wait=6) as judge:
        seen = judge(queue.test_queue_length_is_the_real_one)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert "none of 7 accepted mails had a job" in seen.message


_COUNT = "SELECT count(*) FROM email_outbox WHERE {}"


@pytest.mark.parametrize(
    ("old", "new", "outcome", "words"),
    [
        ("LLEN bull:email-send:wait`", "LLEN bull:email:send:waiting`", Outcome.CRITICAL, "printed 0 and 7 mails wait"),
        ("TABLE queue_age", _COUNT.format("state = 'failed'"), Outcome.CRITICAL, "it counts something else"),
        ("TABLE queue_age", "SELECT state, count(*) FROM email_outbox GROUP BY 1", Outcome.OK, ""),
        ("TABLE queue_age", _COUNT.format("created_at < now() - interval '5 minutes'"), Outcome.OK, ""),
        ("#### Worker Parado", "#### Parado", Outcome.UNKNOWN, "expected a heading"),
    ],
    ids=["the key of 1.0", "another state", "by state", "for long", "no section"],
)
def test_wrong_queue_length_is_seen(
    old: str, new: str, outcome: Outcome, words: str, judge: Judge, tmp_path: Path
) -> None:
    """A command that counts something else is critical; without the section nothing is known."""
    seen = judge.reading(tmp_path, (old, new))(queue.test_queue_length_is_the_real_one)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message
