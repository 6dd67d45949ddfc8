"""Which files of checks a run by rhythm reads."""

from __future__ import annotations

from tests.plugin.house import HEADER, House

GOOD = 'def test_it(evidence):\n    """O."""\n    evidence.saw("it")\n'
DRILL = HEADER.replace("daily", "drill") + 'raise RuntimeError("this file was read")\n'


def _drills(house: House, text: str) -> None:
    (house.path / "checks" / "test_drills.py").write_text(text)


def test_files_of_other_rhythms_are_not_read(house: House) -> None:
    """A daily run does not import the drills: it is over before they would be."""
    house.checks(GOOD)
    _drills(house, DRILL)
    assert house.run("-m", "daily").ret == 0
    assert house.outcomes() == {"test_it": "ok"}
    done = house.run()
    assert done.ret != 0
    assert "this file was read" in done.stdout.str() + done.stderr.str()


def test_a_file_of_both_rhythms_is_read(house: House) -> None:
    """A daily check beside a drill is found, whatever the file's other checks are."""
    house.checks(GOOD)
    _drills(house, f"{HEADER.replace('daily', 'drill')}\n@pytest.mark.daily\n{GOOD.replace('test_it', 'test_both')}")
    assert house.run("-m", "daily").ret == 0
    assert set(house.outcomes()) == {"test_it", "test_both"}


def test_a_file_without_a_rhythm_is_still_refused(house: House) -> None:
    """What no run by rhythm would ever select is told in each of them."""
    house.checks(GOOD)
    _drills(house, HEADER.replace("pytest.mark.daily, ", "") + GOOD)
    done = house.run("-m", "daily")
    assert done.ret != 0
    assert "has no rhythm" in done.stdout.str() + done.stderr.str()


def test_a_file_that_is_named_is_read(house: House) -> None:
    """Who names a file hears what becomes of it."""
    house.checks(GOOD)
    _drills(house, DRILL)
    done = house.run("-m", "daily", "checks/test_drills.py")
    assert "this file was read" in done.stdout.str() + done.stderr.str()
