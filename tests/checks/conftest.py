"""A replica of the reference gateway to sabotage, and a judge of what the checks make of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.load import load_gateway
from rehearsal.replica import open_replica
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import read_runbook
from tests.checks.judge import Judge

REFERENCE = Path(__file__).parents[2] / "gateway"


@pytest.fixture(scope="session")
def reference() -> Gateway:
    """The reference gateway, as it is."""
    return load_gateway(REFERENCE)


@pytest.fixture
def gateway(reference: Gateway) -> Gateway:
    """The gateway of a test."""
    return reference


@pytest.fixture
def replica(gateway: Gateway) -> Iterator[Replica]:
    """A replica to sabotage."""
    with open_replica(gateway) as fresh:
        yield fresh


@pytest.fixture
def reader(gateway: Gateway) -> Judge:
    """Judges checks of the document alone, which ask no target: it has none."""
    return Judge(cast("Replica", None), gateway, read_runbook(gateway.directory / gateway.runbook))


@pytest.fixture
def judge(replica: Replica, gateway: Gateway) -> Judge:
    """Judges checks on that replica."""
    return Judge(replica, gateway, read_runbook(gateway.directory / gateway.runbook))
