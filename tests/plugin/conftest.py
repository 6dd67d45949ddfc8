"""The house that tests of the plugin move into."""

import pytest

from tests.plugin.house import House


@pytest.fixture
def house(pytester: pytest.Pytester) -> House:
    """A house without checks."""
    return House(pytester)
