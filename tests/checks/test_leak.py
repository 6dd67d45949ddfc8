"""Sabotage of "Vazamento de Dados"."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.security import test_leak as checked
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

_STOP = "`docker-compose stop nginx`\n2. Preservar"
_KEEP = (
    "`(umask 077; docker-compose logs --timestamps > ./logs/incidente.txt"
    " && sha256sum ./logs/incidente.txt > ./logs/incidente.sha256)`"
)
_EMPTY = "docker-compose exec -T postgres psql -U postgres -d email_gateway -c 'TRUNCATE companies CASCADE'"
SABOTAGES = {
    "stops what does not isolate": (_STOP, _STOP.replace("nginx", "worker"), Outcome.CRITICAL, "still answered"),
    "stops the stores as well": (
        _STOP,
        _STOP.replace("stop nginx", "stop nginx redis"),
        Outcome.CRITICAL,
        "ended a store",
    ),
    "empties a table": (
        _STOP,
        f"`docker-compose stop nginx`, `{_EMPTY}`\n2. Preservar",
        Outcome.CRITICAL,
        "changed what the stores hold",
    ),
    "isolates in words": (
        "o sistema, sem desligá-lo: " + _STOP,
        "o sistema\n2. Preservar",
        Outcome.UNKNOWN,
        "names no command",
    ),
    "keeps logs that others read": (_KEEP, _KEEP.replace("umask 077; ", ""), Outcome.WARNING, "read by others"),
    "keeps no checksum": (
        _KEEP,
        "`(umask 077; docker-compose logs > ./logs/incidente.txt)`",
        Outcome.WARNING,
        "no checksum",
    ),
    "keeps the log of another service": (
        _KEEP,
        "`(umask 077; docker-compose logs redis > ./logs/incidente.txt)`",
        Outcome.CRITICAL,
        "found none",
    ),
    "keeps the last lines": (
        _KEEP,
        _KEEP.replace("--timestamps", "--tail=1000"),
        Outcome.CRITICAL,
        "1,200 requests before",
    ),
    "keeps secrets": (
        _KEEP,
        _KEEP.replace("umask 077; ", "umask 077; env > ./logs/env.txt; ").replace(
            "--timestamps >", "--timestamps nginx | cat - ./logs/env.txt >"
        ),
        Outcome.CRITICAL,
        "secrets",
    ),
    "has no section": ("#### Vazamento de Dados", "#### Outra coisa", Outcome.UNKNOWN, "expected a heading"),
}


@pytest.mark.parametrize(("old", "new", "outcome", "words"), SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotage_is_seen(old: str, new: str, outcome: Outcome, words: str, judge: Judge, tmp_path: Path) -> None:
    """A section that does not isolate, destroys, or does not keep the logs as it should is a finding that says so."""
    seen = judge.reading(tmp_path, (old, new))(checked.test_isolated_and_preserved)
    assert seen.outcome is outcome, seen.message
    said = [finding.message for finding in seen.record.findings if finding.outcome is outcome]
    assert any(words in message for message in said), said


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("Reiniciar a entrada: `docker-compose start nginx`", Outcome.CRITICAL),
        ("Só quando a segurança autorizar, voltar ao ar: `docker-compose start nginx`", Outcome.OK),
    ],
    ids=["at once", "when authorised"],
)
def test_end_of_the_isolation_is_no_fault_of_it(step: str, outcome: Outcome, judge: Judge, tmp_path: Path) -> None:
    """A step that says when all goes on again is not the isolation; one that opens the door at once undoes it."""
    text, heading = judge.runbook.text, "#### Vazamento de Dados"
    under = text[text.index(heading) :]
    under = under[: under.index("\n---", 1)].rstrip()
    seen = judge.reading(tmp_path, (under, f"{under}\n6. {step}"))(checked.test_isolated_and_preserved)
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "still answered" in seen.message


def test_reference_is_ok(judge: Judge) -> None:
    """The reference's section isolates within seconds and keeps a bundle with its checksum; all steps are covered."""
    seen = judge(checked.test_isolated_and_preserved)
    assert seen.outcome is Outcome.OK, seen.message
    assert len(seen.record.lines) == 5


@pytest.mark.parametrize(
    "words",
    ["delete nothing until security agrees", "nada deve ser apagado", "do not remove any file", "nunca apagar logs"],
)
def test_step_that_keeps_all_is_covered(words: str, judge: Judge, tmp_path: Path) -> None:
    """A step for people that says to delete nothing is held against the stores, in whatever words."""
    changed = judge.reading(tmp_path, ("não apagar nada até que a equipe de segurança libere", words))
    seen = changed(checked.test_isolated_and_preserved)
    assert seen.outcome is Outcome.OK, seen.message
    assert len(seen.record.lines) == 5


def test_packed_logs_are_found(judge: Judge, tmp_path: Path) -> None:
    """Logs that were packed, with their checksum in the same archive, are as good."""
    packed = (
        "`(umask 077; mkdir -p ./logs/x && docker-compose logs > ./logs/x/all.txt; cd ./logs/x"
        " && sha256sum all.txt > SHA256SUMS;"
        " tar -czf ../incidente.tar.gz . && rm all.txt SHA256SUMS)`"
    )
    seen = judge.reading(tmp_path, (_KEEP, packed))(checked.test_isolated_and_preserved)
    assert seen.outcome is Outcome.OK, seen.message
