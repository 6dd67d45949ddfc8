"""Sabotage of the monitor of Redis: figures of nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

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
    "a share of whole limits": ("s/((100 \\* used \\/ limit))/((used \\/ limit * 100))/", "a share that grows by"),
    "done taken for failed": ("s/count ZCARD failed/count ZCARD completed/", "failed jobs beside"),
    "failed jobs in no list": (
        's/"$(count ZCARD failed)"/"$( (count LLEN failed) 2>\\/dev\\/null || echo 0)"/',
        "more jobs that failed, which it asks for",
    ),
    "blind without Redis": ("s/^\\[\\[ $reply == PONG.*/[[ $reply == PONG ]] || exit 0/", "that Redis does not answer"),
    "a status of 0 without Redis": (
        "s/^\\[\\[ $reply == PONG.*/[[ $reply == PONG ]] || { echo Redis fora do ar; exit 0; }/",
        "by the status of --strict",
    ),
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
echo "redis_rdb_saved $(cli INFO persistence | tr -d '\r' | sed -n 's/^rdb_l.*:ok/1/p; s/^rdb_l.*:err/0/p')"
"""


@pytest.mark.parametrize("script", ["", OTHER], ids=["own", "json"])
def test_real_figures_are_ok(script: str, replica: Replica, judge: Judge) -> None:
    """A monitor in other words whose figures are the real ones is not accused."""
    if script:
        put = replica.run_script(f"cat > {PATH} <<'END'\n{script}END", timeout=10)
        assert put.ok
    seen = judge(checked.test_redis_monitor_shows_what_is_there)
    assert seen.outcome is Outcome.OK, seen.message


def test_monitor_that_is_blind_to_a_failed_save_is_seen(replica: Replica, judge: Judge) -> None:
    """The document says that it shows whether Redis saves; one that shows its figures only says the same as before."""
    blind = OTHER.split("echo", maxsplit=1)[0]
    assert replica.run_script(f"cat > {PATH} <<'END'\n{blind}END", timeout=10).ok
    seen = judge(checked.test_redis_monitor_shows_what_is_there)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "can't save and takes no writes" in seen.message


BESIDE_ROWS = r"""#!/bin/bash
printf 'Fila (jobs wait): %d\n' "$(redis-cli -h localhost LLEN bull:{queue}:wait)"
printf 'No banco: %d\n' "$(psql -h localhost -U postgres -d email_gateway -Atc \
    "SELECT count(*) FROM email_outbox WHERE state = 'queued'")"
"""


@pytest.mark.parametrize(("queue", "outcome"), [("email", Outcome.CRITICAL), ("email-send", Outcome.OK)])
def test_rows_of_the_database_do_not_hide_a_wrong_key(
    queue: str, outcome: Outcome, replica: Replica, judge: Judge
) -> None:
    """A line about what waits that stays as it is is of another queue, whatever else follows."""
    script = BESIDE_ROWS.replace("{queue}", queue).replace("psql", 'PGPASSWORD="$DB_PASSWORD" psql')
    assert replica.run_script(f"cat > {PATH} <<'END'\n{script}END", timeout=10).ok
    seen = judge(checked.test_redis_monitor_shows_what_is_there)
    told = [one for one in seen.record.findings if "waiting jobs, found `Fila (jobs wait): 0`" in one.message]
    assert bool(told) is (outcome is Outcome.CRITICAL), seen.message


AGE_ONLY = (
    OTHER.split("printf", maxsplit=1)[0]
    + r"""
echo "OK: used_memory $(cli INFO memory | tr -d '\r' | sed -n 's/^used_memory://p') bytes"
echo "OK: mensagem mais antiga da fila espera há $((waiting > 0 ? 3 : 0)) s"
"""
)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (OTHER, Outcome.OK),
        (OTHER.replace(":wait)", ":waits)"), Outcome.CRITICAL),
        (AGE_ONLY, Outcome.OK),
        (AGE_ONLY.replace("^used_memory:", "^used_memory_startup:"), Outcome.CRITICAL),
    ],
    ids=["real", "another key", "age only", "memory of nothing"],
)
def test_script_by_another_name(script: str, outcome: Outcome, replica: Replica, judge: Judge, tmp_path: Path) -> None:
    """It is known by what the list of scripts says of it; the age that it shows is no length."""
    put = replica.run_script(f"cat > scripts/look.sh <<'END'\n{script}END\nchmod 755 scripts/look.sh", timeout=10)
    assert put.ok
    about = "memória e idade da fila" if "antiga" in script else "tamanho da fila e memória"
    listed = ("`./scripts/monitor-redis.sh` - Monitoramento do Redis", f"`./scripts/look.sh` - Redis: {about}")
    elsewhere = ("monitor-redis.sh", "monitor-others.sh")
    seen = judge.reading(tmp_path, listed, elsewhere)(checked.test_redis_monitor_shows_what_is_there)
    assert seen.outcome is outcome, seen.message


def test_document_without_such_a_script_is_not_accused(judge: Judge) -> None:
    """A document that names no such script has none to be verified."""
    text = judge.runbook
    assert text.scripts
    sections = tuple(replace(one, steps=(), procedures=()) for one in text.sections)
    bare = replace(judge, runbook=replace(text, scripts=(), sections=sections))
    assert bare(checked.test_redis_monitor_shows_what_is_there).outcome is Outcome.NOT_APPLICABLE
