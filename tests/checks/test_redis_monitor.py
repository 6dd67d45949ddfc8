"""Sabotage of the monitor of Redis: figures of nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.monitoring import test_monitor_scripts as checked
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

PATH = "scripts/monitor-redis.sh"
SABOTAGES = {
    "another key": ("s/count LLEN wait)/count LLEN waiting)/", "waiting jobs"),
    "a paused queue is empty": (
        "s/^    failed=/    [[ $(redis HEXISTS bull:email-send:meta paused) != 1 ]] || waiting=0; failed=/",
        "paused queue",
    ),
    "a pause that is not said": ("s/verdict 1 .a fila est.*/true/", "paused"),
    "memory of nothing": ('s/used="$(figure used_memory)"/used=1000000/', "MiB more"),
    "a script that breaks": ("2i exit 9", "exited 9"),
}


@pytest.mark.parametrize(("change", "words"), SABOTAGES.values(), ids=SABOTAGES)
def test_figures_of_nothing_are_seen(change: str, words: str, replica: Replica, judge: Judge) -> None:
    """A monitor whose figures do not follow the real ones is critical."""
    before = replica.run_script(f"cat {PATH}", timeout=10).stdout
    changed = replica.run_script(f"sed -i '{change}' {PATH}; cat {PATH}", timeout=10)
    assert changed.stdout != before
    seen = judge(checked.test_redis_monitor_shows_what_is_there)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert any(words in one.message for one in seen.record.findings), seen.message


OTHER = r"""#!/bin/bash
cli() { redis-cli -h localhost -p 6379 "$@"; }
waiting=$(( $(cli LLEN bull:email-send:wait) + $(cli LLEN bull:email-send:paused) ))
printf '{"waiting": %d, "prioritized": %d, "paused": %s, "used_memory": %d}\n' \
  "$waiting" "$(cli ZCARD bull:email-send:prioritized)" \
  "$(cli HEXISTS bull:email-send:meta paused | sed 's/1/true/; s/0/false/')" \
  "$(cli INFO memory | tr -d '\r' | sed -n 's/^used_memory://p')"
"""


@pytest.mark.parametrize("script", ["", OTHER], ids=["own", "json"])
def test_real_figures_are_ok(script: str, replica: Replica, judge: Judge) -> None:
    """A monitor in other words whose figures are the real ones is not accused."""
    if script:
        put = replica.run_script(f"cat > {PATH} <<'END'\n{script}END", timeout=10)
        assert put.ok
    seen = judge(checked.test_redis_monitor_shows_what_is_there)
    assert seen.outcome is Outcome.OK, seen.message


def test_document_without_such_a_script_is_not_accused(judge: Judge) -> None:
    """A document that names no such script has none to be verified."""
    text = judge.runbook
    assert text.scripts
    sections = tuple(replace(one, steps=(), procedures=()) for one in text.sections)
    bare = replace(judge, runbook=replace(text, scripts=(), sections=sections))
    assert bare(checked.test_redis_monitor_shows_what_is_there).outcome is Outcome.NOT_APPLICABLE
