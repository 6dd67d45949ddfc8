"""Sabotage of "Comandos Úteis"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.document import test_useful_commands as checked
from rehearsal.drills.useful import filled, useful_commands
from rehearsal.results.model import Outcome
from rehearsal.runbook import RunbookError
from tests.checks.judge import Judge

DOCKER = "docker-compose logs -f --tail=100 [service]"


def test_commands_of_the_reference_work(judge: Judge) -> None:
    """Every command of the annexes works on a healthy replica, those that ask for a service once for each of five."""
    seen = judge(checked.test_all_commands_work)
    assert seen.outcome is Outcome.OK, seen.message
    written = {command.line for block in useful_commands(judge.runbook) for command in block}
    assert written
    assert written <= seen.record.lines


SABOTAGES = {
    "no such queue": ("redis-cli LLEN bull:email-send:wait\ndocker", "redis-cli LLEN bull:email:send:waiting\ndocker"),
    "no such view": ("FROM daily_success", "FROM daily_failure"),
    "no such service": ("docker-compose restart [service]\n\n#", "docker-compose restart cache\n\n#"),
    "no such command": ("redis-cli INFO", "redis-cli INFOS"),
}
SAID = {"no such queue": "nothing of the queue", "no such view": "daily_failure", "no such command": "INFOS"}


@pytest.mark.parametrize("name", SABOTAGES)
def test_command_that_does_not_work_is_seen(judge: Judge, tmp_path: Path, name: str) -> None:
    """A command that fails, or counts where nothing can be, is critical, with its line."""
    # The rest of the chapter has been seen to work; what is tried here is one block of it.
    changed = judge.reading(tmp_path, SABOTAGES[name], (DOCKER, "docker-compose ps"))
    seen = changed(checked.test_all_commands_work)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert SAID.get(name, name) in seen.message
    assert "RUNBOOK.md:" in seen.record.findings[0].source


def test_chapter_without_commands_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """A chapter that has gone, holds no command, or asks for what nobody can fill in is unknown."""
    text = judge.runbook.text
    chapter = text[text.index("#### Docker\n") : text.index("### Scripts de Monitoramento")]
    for old, new in (
        ("### Comandos Úteis", "### Truques"),
        (chapter, ""),
        ("tail=100 [service]", "tail=100 [pod name]"),
    ):
        seen = judge.reading(tmp_path, (old, new))(checked.test_all_commands_work)
        assert seen.outcome is Outcome.UNKNOWN, seen.message


def test_placeholders_are_filled_in_their_meaning(reader: Judge, tmp_path: Path) -> None:
    """`<service>`, `[serviço]` and `[comando]` are understood; others come from gateway.toml or from nobody."""
    new = "docker-compose logs -f <service>\ndocker-compose exec [serviço] [comando]\ndocker ps --filter [pod name]"
    changed = reader.reading(tmp_path, (DOCKER, new))
    first, second, third = useful_commands(changed.runbook)[0][:3]
    assert next(filled(first, reader.gateway)).text == "docker-compose logs -f nginx"
    assert "docker-compose exec redis true" in [one.text for one in filled(second, reader.gateway)]
    with pytest.raises(RunbookError, match="pod name"):
        list(filled(third, reader.gateway))


LAST_HOUR = "updated_at > now() - interval '1 hour'\""
KEYS = "for _, key in ipairs(redis.call('KEYS', 'bull:*')) do redis.call('DEL', key) end"
FORGET = f' && docker-compose exec -T redis redis-cli EVAL "{KEYS}" 0'
FAILED_ONLY = "SET state = 'queued', attempts = 0 WHERE state = 'failed' AND updated_at"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param((", attempts = 0 WHERE", " WHERE"), "given up at once", id="without its tries"),
        pytest.param(("interval '1 hour'", "interval '0 hours'"), "not tried again", id="of other mails"),
    ],
)
def test_command_that_retries_in_vain_is_seen(
    change: tuple[str, str], words: str, judge: Judge, tmp_path: Path
) -> None:
    """A mail that was given up arrives after the reference's command, and not after one that says so in vain."""
    soon = judge.gateway.objectives.model_copy(update={"queue_age_p95_seconds": 10})
    impatient = replace(judge, gateway=judge.gateway.model_copy(update={"objectives": soon}))
    seen = impatient.reading(tmp_path, change)(checked.test_failed_mails_are_tried_again)
    assert seen.outcome in (Outcome.WARNING, Outcome.CRITICAL), seen.message
    assert words in seen.message


def test_failed_mail_is_seen_to_arrive(judge: Judge) -> None:
    """The reference's command has a failed mail sent, though its server puts it off once more."""
    seen = judge(checked.test_failed_mails_are_tried_again)
    assert seen.outcome is Outcome.OK, seen.message
    assert any("arrived at its try number" in str(one) for one in seen.record.evidence)


def test_command_that_sends_twice_is_seen(judge: Judge, tmp_path: Path) -> None:
    """Without the state in its condition it takes sent mails as well; the reference's takes failed ones alone."""
    good = judge(checked.test_no_command_sends_a_mail_twice)
    assert good.outcome is Outcome.OK, good.message
    # Its job knows that a mail was sent; whoever clears the jobs away as well has nobody left who does.
    careless = (FAILED_ONLY, "SET state = 'queued', attempts = 0, sent_at = NULL WHERE updated_at")
    seen = judge.reading(tmp_path, careless, (LAST_HOUR, LAST_HOUR + FORGET))(
        checked.test_no_command_sends_a_mail_twice
    )
    assert (seen.outcome, "arrived 2 times" in seen.message) == (Outcome.CRITICAL, True), seen.message
