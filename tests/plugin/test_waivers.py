"""Waivers of gateway.toml, seen from a run."""

import pytest

from tests.plugin.house import House

CRITICAL = 'def test_c(evidence):\n    """C."""\n    evidence.critical("broken")\n'
UNKNOWN = 'def test_c(evidence):\n    """C."""\n    evidence.unknown("not seen")\n'
WAIVER = """name = "toy"
[[waivers]]
check = "test_it.py::test_c"
reason = "is being mended"
approver = "the head of operations"
expires = {expires}
"""


@pytest.mark.parametrize(
    ("check", "expires", "outcome", "status"),
    [
        pytest.param(CRITICAL, "2999-01-01", "waived", 0, id="a valid waiver excuses"),
        pytest.param(CRITICAL, "2020-01-01", "critical", 1, id="an expired waiver counts for nothing"),
        pytest.param(UNKNOWN, "2999-01-01", "unknown", 1, id="what was not seen is never excused"),
    ],
)
def test_waiver(house: House, check: str, expires: str, outcome: str, status: int) -> None:
    """A waiver excuses what it names until its last day, and shows with reason and approver."""
    house.gateway(WAIVER.format(expires=expires))
    house.checks(check)
    done = house.run()
    assert house.outcomes() == {"test_c": outcome}
    assert done.ret == status
    if outcome == "waived":
        assert "is being mended" in "\n".join(done.outlines)


def test_expired_waiver_is_noted(house: House) -> None:
    """A run says which of its waivers have expired."""
    house.gateway(WAIVER.format(expires="2020-01-01"))
    house.checks(CRITICAL)
    house.run()
    assert any("expired" in note for note in house.results()["run"]["notes"])
