"""How a check ends, and what pytest makes of it."""

from pathlib import Path

import pytest

from rehearsal.gateway.target import CommandRun
from rehearsal.plugin.judging import verdict
from rehearsal.plugin.record import Record
from rehearsal.results.model import Outcome
from tests.plugin.house import House

OUTCOMES = '''
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError, TargetError
from rehearsal.results.model import Finding, Outcome

def test_ok(evidence):
    """It is seen."""
    evidence.saw("something good")

def test_warning(evidence):
    """It is near its limit."""
    evidence.warning("the disk fills", action="empty it")

def test_critical(evidence):
    """It is broken."""
    evidence.critical("the disk is full", action="empty it now", source="Discos (RUNBOOK.md:12)")

def test_assertion(evidence):
    """It is not so."""
    assert 1 == 2, "one is not two"

def test_unknown(evidence):
    """It can't be seen."""
    raise TargetError("the host can't be reached")

def test_broken(evidence):
    """The check has a defect."""
    evidence.saw("something")
    {}["nothing"]

def test_blind(evidence):
    """It looks at nothing."""

def test_blind_without_fixture():
    """It does not even ask for the record."""

def test_not_here(evidence):
    """The part is not there."""
    raise NotOnThisTargetError("a replica has no such part")

def test_skipped(evidence):
    """It is skipped."""
    pytest.skip("no engine")

def test_demanded(evidence):
    """A service must answer."""
    with evidence.demanding("restart it"):
        raise NoAnswerError("it kept silent")
'''
EXPECTED = {
    "test_ok": "ok",
    "test_warning": "warning",
    "test_critical": "critical",
    "test_assertion": "critical",
    "test_unknown": "unknown",
    "test_broken": "unknown",
    "test_blind": "unknown",
    "test_blind_without_fixture": "unknown",
    "test_not_here": "not_applicable",
    "test_skipped": "not_applicable",
    "test_demanded": "critical",
}


def test_every_ending_has_its_outcome(house: House) -> None:
    """Each way in which a check can end becomes the outcome that the design gives it, in results.json."""
    house.checks(OUTCOMES)
    done = house.run()
    assert house.outcomes() == EXPECTED
    assert done.ret == 1


def test_terminal_speaks_in_our_words(house: House) -> None:
    """Each outcome shows as its own word, and a failed check says what, where and what to do, without a traceback."""
    house.checks(OUTCOMES)
    lines = house.run("-v").outlines
    text = "\n".join(lines)
    words = {"OK", "WARNING", "CRITICAL", "UNKNOWN", "NOT APPLICABLE"}
    assert all(any(f"::test_{name}" in line and word in line for line in lines) for name, word in _words(words))
    assert "the disk is full" in text
    assert "empty it now" in text
    assert "RUNBOOK.md:12" in text
    assert "Traceback" not in text


def _words(words: set[str]) -> list[tuple[str, str]]:
    shown = {
        "ok": "OK",
        "warning": "WARNING",
        "critical": "CRITICAL",
        "unknown": "UNKNOWN",
        "not_here": "NOT APPLICABLE",
    }
    assert set(shown.values()) == words
    return list(shown.items())


def test_target_stands_first_and_last(house: House) -> None:
    """The first and the last line of a run name what it looked at."""
    house.checks(OUTCOMES)
    lines = [line for line in house.run().outlines if line.strip()]
    assert "replica of toy" in lines[0]
    assert "replica of toy" in lines[-1]
    assert "4 critical" not in lines[0]
    assert "3 critical" in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "status"), [([], 0), (["--fail-on=warning"], 1), (["--fail-on=critical"], 0)], ids=str
)
def test_warning_fails_a_run_only_on_request(house: House, arguments: list[str], status: int) -> None:
    """A warning passes, unless the run is told to fail on it."""
    house.checks('def test_w(evidence):\n    """W."""\n    evidence.warning("near")\n')
    assert house.run(*arguments).ret == status


def test_clean_run_passes(house: House) -> None:
    """A run in which everything was seen and good has exit status 0, and says so in results.json."""
    house.checks('def test_ok(evidence):\n    """O."""\n    evidence.saw("it")\n')
    assert house.run().ret == 0
    assert house.results()["run"]["exit_status"] == 0


def test_clean_up_that_fails_is_not_green(house: House) -> None:
    """A check whose clean-up broke does not stay ok: what it left behind can't be trusted."""
    house.checks(
        '@pytest.fixture\ndef thing():\n    yield\n    raise RuntimeError("left behind")\n'
        'def test_ok(evidence, thing):\n    """O."""\n    evidence.saw("it")\n'
    )
    assert house.run().ret == 1
    assert house.outcomes() == {"test_ok": "unknown"}


def test_fixture_that_fails_makes_its_checks_unknown(house: House) -> None:
    """What a broken fixture kept from being seen is unknown, in the fixture's own words."""
    house.checks(
        "from rehearsal.replica.protocol import ReplicaError\n"
        '@pytest.fixture\ndef thing():\n    raise ReplicaError("PostgreSQL died at start")\n'
        'def test_it(evidence, thing):\n    """O."""\n    evidence.saw("it")\n'
    )
    assert house.run().ret == 1
    (result,) = house.results()["results"]
    assert (result["outcome"], result["message"]) == ("unknown", "PostgreSQL died at start")


def test_what_a_replicas_servers_lack_is_nobodys_fault(tmp_path: Path) -> None:
    """Where a command shows that the replica's PostgreSQL can't do something, what it broke was not seen."""
    record = Record(tmp_path / "RUNBOOK.md")
    record.ran(CommandRun("./backup.sh", 1, "", "ERROR:  unsupported XML feature", 0.1))
    record.critical("expected a backup, found none")
    outcome, message, _ = verdict(record)
    assert outcome is Outcome.UNKNOWN
    assert message.startswith("expected a backup, found none (this replica's PostgreSQL")
