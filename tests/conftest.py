"""Wiring of the project's own tests."""

import os

pytest_plugins = ["pytester"]

# Plain processes make a replica in a second on every machine; what a replica of containers is made of has tests of its
# own, and `.ci/run` rehearses the whole gateway on both.
os.environ.setdefault("REHEARSAL_REPLICA__KIND", "processes")
