"""What a run leaves where it was started."""

from __future__ import annotations

from tests.plugin.house import House
from tests.runs.running import SECONDS, pytest_command, started

DRAWS = '''
from hypothesis import given, strategies
from fixtures.drills import DRILL

@DRILL
@given(drawn=strategies.text())
def test_draws(drawn, evidence):
    """A check whose content is generated."""
    evidence.saw(f"{len(drawn)} characters")
'''


def test_only_reports_are_left_where_a_run_was_started(house: House) -> None:
    """Generating content leaves no cache beside the report: a folder that operations own stays as it was."""
    house.checks(DRAWS)
    before = {path.name for path in house.path.iterdir()}
    with started(pytest_command(), house.path, {}) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, text
    assert house.outcomes() == {"test_draws": "ok"}
    assert {path.name for path in house.path.iterdir()} - before - {"__pycache__"} == {"reports"}
