"""Wiring of the project's own tests."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

# Plain processes make a replica in a second on every machine; what a replica of containers is made of has tests of its
# own, and `.ci/run` rehearses the whole gateway on both.
os.environ.setdefault("REHEARSAL_REPLICA__KIND", "processes")

# How long an example takes is the machine's matter.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


@pytest.fixture(autouse=True, scope="session")
def heard() -> Iterator[None]:
    """Hear Ctrl-C: a shell's background job is started deaf to it, and so would be what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
