"""Sabotage of "Atualizar Imagens Docker" on containers, where newer images come from a registry."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.maintenance.test_images import test_newer_images_come_and_go_back as newer_images
from rehearsal.gateway.description import Gateway
from rehearsal.replica import open_replica
from rehearsal.replica.choice import why_processes
from rehearsal.replica.containers.registry import PROGRAM, ImageRegistry, image_registry
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from rehearsal.runbook import read_runbook
from tests.checks.judge import Judge


@pytest.fixture(scope="module")
def registry(reference: Gateway) -> Iterator[ImageRegistry]:
    """A registry of the reference's images; the tests are skipped where this machine can't make one."""
    if why := why_processes(reference):
        pytest.skip(why)
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"this machine has no {PROGRAM}")
    with image_registry(reference) as made:
        yield made


@pytest.fixture
def judge(registry: ImageRegistry) -> Iterator[Judge]:
    """Judges checks on a replica whose images are named in that registry."""
    gateway = registry.gateway
    with open_replica(gateway) as fresh:
        yield Judge(fresh, gateway, read_runbook(gateway.directory / gateway.runbook))


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("docker-compose pull -q && docker-compose restart", "were pulled, and their containers have others"),
        ("docker-compose up -d  # docker-compose pull", "to be pulled; none was"),
    ],
    ids=["restart", "commented out"],
)
def test_update_that_brings_nothing_is_seen(
    block: str, words: str, judge: Judge, registry: ImageRegistry, tmp_path: Path
) -> None:
    """Containers that go on with former images are critical, and so is a pull that nobody makes."""
    written = re.search(r"#### Atualizar Imagens Docker\n.*?```bash\n(.*?)```", judge.runbook.text, re.DOTALL)
    assert written
    changed = judge.reading(tmp_path, (written[1], f"{block}\n"))
    replica: Replica = judge.replica
    seen = changed(newer_images, registry=registry, pulling_replica=replica)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert any(words in one.message for one in seen.record.findings), [one.message for one in seen.record.findings]


def test_reference_brings_newer_images_and_former_ones(judge: Judge, registry: ImageRegistry) -> None:
    """The reference's section brings either, and loses nothing."""
    seen = judge(newer_images, registry=registry, pulling_replica=judge.replica)
    assert seen.outcome is Outcome.OK, [one.message for one in seen.record.findings]
