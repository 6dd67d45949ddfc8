"""Sabotage of nginx' patience with clients that say nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from checks.security.test_slow_clients import test_clients_are_limited as are_limited
from rehearsal.gateway.load import load_gateway
from rehearsal.results.model import Outcome
from tests.checks.conftest import REFERENCE
from tests.checks.judge import Judge


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("client_header_timeout 1h;", Outcome.WARNING),
        ("client_body_timeout 600;", Outcome.WARNING),
        ("client_max_body_size 0;", Outcome.WARNING),
        ("client_max_body_size 20m;", Outcome.OK),
        ("client_body_timeout 5m;", Outcome.OK),
        ("# client_header_timeout 1h;", Outcome.OK),
    ],
)
def test_patience(line: str, outcome: Outcome, reader: Judge, tmp_path: Path) -> None:
    """Hours and mails without an end are told; minutes, a size and a comment are not."""
    shutil.copytree(REFERENCE, tmp_path / "gateway")
    file = tmp_path / "gateway" / "nginx" / "nginx.conf"
    file.write_text(file.read_text().replace("http {", f"http {{\n    {line}\n", 1))
    assert line in file.read_text()
    seen = replace(reader, gateway=load_gateway(tmp_path / "gateway"))(are_limited)
    assert seen.outcome is outcome, seen.message
