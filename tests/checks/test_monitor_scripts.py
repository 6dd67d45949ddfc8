"""Sabotage of "Monitoramento de Recursos": monitor scripts that see less, more, or something else than the table."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checks.monitoring import test_monitor_scripts as checked
from rehearsal.gateway.description import Gateway
from rehearsal.replica import open_replica
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from rehearsal.runbook import read_runbook
from tests.checks.conftest import REFERENCE
from tests.checks.judge import Judge, Verdict

SYSTEM = "scripts/monitor-system.sh"
SHARED = "scripts/monitor.sh"
PYTHON = """#!/usr/bin/env python3
import os, time
def cpu():
    fields = list(map(int, open('/proc/stat').readline().split()[1:9]))
    return sum(fields) - fields[3] - fields[4], sum(fields)
one = cpu(); time.sleep(0.3); two = cpu()
mem = {line.split(':')[0]: int(line.split()[1]) for line in open('/proc/meminfo')}
st = os.statvfs('/')
seen = {'processor': 100 * (two[0] - one[0]) / (two[1] - one[1]),
        'ram': 100 - 100 * mem['MemAvailable'] / mem['MemTotal'],
        'storage': 100 - 100 * st.f_bavail / st.f_blocks}
limits = {'processor': (80, 90), 'ram': (85, 95), 'storage': (80, 90)}
colours = {k: ['green', 'yellow', 'red'][sum(v > x for x in limits[k])] for k, v in seen.items()}
print('{' + ', '.join(f'"{k}": {{"percent": {v:.1f}, "colour": "{colours[k]}"}}' for k, v in seen.items()) + '}')
"""
TOP_AND_FREE = r"""#!/bin/bash
state() { # name percent warn crit
  if (( $(awk "BEGIN { print ($2 > $4) }") )); then echo -e "\033[0;31m$1: $2%\033[0m"
  elif (( $(awk "BEGIN { print ($2 > $3) }") )); then echo -e "\033[1;33m$1: $2%\033[0m"
  else echo -e "\033[0;32m$1: $2%\033[0m"; fi
}
echo "=== $(date) ==="
idle="$(top -bn2 -d0.3 | grep 'Cpu(s)' | tail -1 | sed 's/.*, *\([0-9.]*\) id.*/\1/')"
state CPU "$(awk "BEGIN { print 100 - $idle }")" 80 90
state Memory "$(free | awk '/^Mem/ { printf "%.1f", $3 / $2 * 100 }')" 85 95
state Disk "$(df / | awk 'NR == 2 { gsub("%", "", $5); print $5 }')" 80 90
echo "Top processes:"; ps aux --sort=-%cpu | head -4
"""
FIGURES_ONLY = r"""#!/bin/sh
read -r _ u n s i r < /proc/stat; sleep 0.4; read -r _ U N S I r < /proc/stat
echo "cpu $((100 * (U + N + S - u - n - s) / (U + N + S + I - u - n - s - i)))%"
free | awk '/^Mem/ { printf "mem %d%%\n", $3 / $2 * 100 }'
df -P / | tail -n 1
"""
SINCE_BOOT = r"""#!/bin/bash
cpu=$(awk '$1 == "cpu" { print int(($2 + $4) * 100 / ($2 + $4 + $5)) }' /proc/stat)
[ "$cpu" -le 90 ] || { echo "CRITICAL cpu $cpu"; exit; }
if [ "$cpu" -gt 80 ]; then echo "WARNING cpu $cpu"; else echo OK; fi
"""
AS_TEXTS = r"""#!/bin/bash
mem=$(free | awk '/^Mem/ { printf "%d", ($2 - $7) / $2 * 100 }')
level=OK; [[ "$mem" > 85 ]] && level=WARNING; [[ "$mem" > 95 ]] && level=CRITICAL
echo "$level mem $mem%"
"""
SILENT_UNTIL_LATE = r"""#!/bin/bash
used=$(df -P / | awk 'NR == 2 { print int($5) }')
[ "$used" -le 95 ] || echo "disk $used"
"""


@pytest.fixture(scope="module")
def replica(reference: Gateway) -> Iterator[Replica]:
    """One replica: what differs are scripts in its copy of the gateway directory."""
    with open_replica(reference) as fresh:
        yield fresh


def _put(replica: Replica, path: str, text: str) -> None:
    """Put a file into the replica's gateway directory."""
    encoded = base64.b64encode(text.encode()).decode()
    run = replica.run_script(f"echo {encoded} | base64 -d > {path} && chmod +x {path}", timeout=10)
    assert run.ok, run.stderr


def _judge(judge: Judge, replica: Replica, metric: str, files: dict[str, str]) -> Verdict:
    try:
        for path, text in files.items():
            _put(replica, path, text)
        return judge(checked.test_monitor_agrees_with_table, metric=metric)
    finally:
        for path in files:
            _put(replica, path, (REFERENCE / path).read_text())
        replica.stop_pretending()


def _changed(path: str, old: str, new: str) -> dict[str, str]:
    text = (REFERENCE / path).read_text()
    assert old in text
    return {path: text.replace(old, new)}


SABOTAGES = {
    "limits of its own, too late": ("Disco", _changed(SHARED, 'warning="$(threshold "$1" 3)"', "warning=88")),
    "limits of its own, too early": ("Memória", _changed(SHARED, 'warning="$(threshold "$1" 3)"', "warning=70")),
    "never critical": ("Disco", _changed(SHARED, "|| level=2", "|| level=1")),
    "never warns": ("CPU", _changed(SHARED, "((level == 0)) ||", "level=0 #")),
    "cache taken for use": ("Memória", _changed(SYSTEM, '"MemAvailable:"', '"MemFree:"')),
    "average since the start": ("CPU", {SYSTEM: SINCE_BOOT}),
    "silent until it is late": ("Disco", {SYSTEM: SILENT_UNTIL_LATE}),
    "compares texts": ("Memória", {SYSTEM: AS_TEXTS}),
    "looks at one thing only": ("Memória", {SYSTEM: SILENT_UNTIL_LATE}),
}


@pytest.mark.parametrize(("metric", "files"), SABOTAGES.values(), ids=SABOTAGES)
def test_monitor_that_differs_from_table_is_seen(
    metric: str, files: dict[str, str], replica: Replica, judge: Judge
) -> None:
    """A script that judges a figure otherwise than the table is critical, with the row's line."""
    seen = _judge(judge, replica, metric, files)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "monitor-system.sh" in seen.message
    assert "RUNBOOK.md:" in seen.record.findings[0].source


@pytest.mark.parametrize(
    "files",
    [
        _changed(SHARED, '    [[ -z $STRICT ]] || exit "$WORST"\n', ""),
        _changed(SHARED, "|| level=2", "|| level=1"),
        {SYSTEM: "#!/bin/sh\nexit 2\n"},
    ],
    ids=["always 0", "never critical", "always critical"],
)
def test_status_that_is_not_the_promised_one_is_seen(files: dict[str, str], replica: Replica, judge: Judge) -> None:
    """An alarm that hangs on the exit status is never heard, or for ever: critical at the promise's line."""
    try:
        for path, text in files.items():
            _put(replica, path, text)
        seen = judge(checked.test_monitor_status_is_as_promised)
    finally:
        for path in files:
            _put(replica, path, (REFERENCE / path).read_text())
        replica.stop_pretending()
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "status of `./scripts/monitor-system.sh --strict`" in seen.message


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("Com `--strict`, o status é 1 para aviso e 2 para crítico;", "Veja a saída;", Outcome.NOT_APPLICABLE),
        ("### Scripts de Monitoramento", "### Outra coisa", Outcome.UNKNOWN),
        ("1 para aviso e 2 para crítico;", "1 para aviso e 2 para crítico;", Outcome.OK),
    ],
    ids=["no promise", "no section", "as it is"],
)
def test_status_without_a_promise(
    old: str, new: str, outcome: Outcome, replica: Replica, judge: Judge, tmp_path: Path
) -> None:
    """Where the document promises no status none is asked for; where its section is gone nobody knows."""
    text = (REFERENCE / "RUNBOOK.md").read_text()
    assert old in text
    (tmp_path / "RUNBOOK.md").write_text(text.replace(old, new))
    changed = replace(judge, runbook=read_runbook(tmp_path / "RUNBOOK.md"))
    seen = changed(checked.test_monitor_status_is_as_promised)
    replica.stop_pretending()
    assert seen.outcome is outcome, seen.message


@pytest.mark.parametrize(
    "promise", ["Saem com 1 em aviso e 2 em crítico.", "Saem com 0 (ok), 1 (aviso) ou 2 (crítico), para o cron."]
)
def test_promise_without_an_option(promise: str, replica: Replica, judge: Judge, tmp_path: Path) -> None:
    """Monitors that promise their status without an option are asked without one."""
    text = (REFERENCE / "RUNBOOK.md").read_text()
    old = "Com `--strict`, o status é 1 para aviso e 2 para crítico; sem ele, é 0 sempre que tudo pôde ser medido."
    assert old in text
    (tmp_path / "RUNBOOK.md").write_text(text.replace(old, promise))
    changed = replace(judge, runbook=read_runbook(tmp_path / "RUNBOOK.md"))
    without = changed(checked.test_monitor_status_is_as_promised)
    try:
        _put(replica, SHARED, (REFERENCE / SHARED).read_text().replace("[[ -z $STRICT ]] ||", ":;"))
        strict = changed(checked.test_monitor_status_is_as_promised)
    finally:
        _put(replica, SHARED, (REFERENCE / SHARED).read_text())
        replica.stop_pretending()
    assert without.outcome is Outcome.CRITICAL, without.message
    assert strict.outcome is Outcome.OK, strict.message


@pytest.mark.parametrize("place", ["/var/log", "/var/log/nginx/.."])
def test_monitor_of_another_disk_is_seen(place: str, replica: Replica, judge: Judge) -> None:
    """On a host whose logs have a disk of their own, one that looks there hears nothing of a full gateway."""
    seen = _judge(judge, replica, "Disco", {SYSTEM: TOP_AND_FREE.replace("df /", f"df {place}")})
    assert (seen.outcome, "disk of the gateway's folder" in seen.message) == (Outcome.WARNING, True), seen.message


def test_monitor_of_both_disks_is_ok(replica: Replica, judge: Judge) -> None:
    """One that looks at the logs' disk as well is not accused."""
    both = TOP_AND_FREE.replace("df /", "df . /var/log").replace("NR == 2 {", "NR > 1 {")
    both = both.replace("; print $5 }", "; if ($5 > most) most = $5 } END { print most }")
    seen = _judge(judge, replica, "Disco", {SYSTEM: both})
    assert seen.outcome is Outcome.OK, seen.message


VARIANTS = {
    "own": {},
    "python": {SYSTEM: PYTHON},
    "top and free": {SYSTEM: TOP_AND_FREE},
    "bare": {SYSTEM: FIGURES_ONLY},
}


@pytest.mark.parametrize("metric", ["CPU", "Memória", "Disco"])
@pytest.mark.parametrize("files", VARIANTS.values(), ids=VARIANTS)
def test_monitor_that_agrees_is_ok(metric: str, files: dict[str, str], replica: Replica, judge: Judge) -> None:
    """A script in another language and other words that agrees with the table is not accused."""
    seen = _judge(judge, replica, metric, files)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("| Disco |", "| Discoteca |", id="no row"),
        pytest.param("#### 2. Monitoramento de Recursos", "#### 2. Outra Coisa", id="no section"),
        pytest.param("./scripts/monitor-system.sh\n\n# Ver", "uptime\n\n# Ver", id="no script"),
        pytest.param("./scripts/monitor-system.sh\n\n# Ver", "./scripts/nothing.sh\n\n# Ver", id="missing script"),
    ],
)
def test_document_that_can_not_be_read_is_unknown(judge: Judge, tmp_path: Path, old: str, new: str) -> None:
    """Without its row, its section or its script nothing was verified."""
    seen = judge.reading(tmp_path, (old, new))(checked.test_monitor_agrees_with_table, metric="Disco")
    assert seen.outcome is Outcome.UNKNOWN, seen.message


@pytest.mark.parametrize(
    ("metric", "files", "outcome"),
    [
        ("CPU", {}, Outcome.OK),
        ("Disco", {}, Outcome.OK),
        ("Memória", {SYSTEM: SILENT_UNTIL_LATE}, Outcome.CRITICAL),
    ],
    ids=["cpu", "disk", "nobody looks at memory"],
)
def test_script_about_something_else_is_not_accused(
    metric: str, files: dict[str, str], outcome: Outcome, replica: Replica, judge: Judge, tmp_path: Path
) -> None:
    """A script of the queue beside that of the host need not tell the host's figures; one of them has to."""
    _put(replica, "scripts/queue.sh", '#!/bin/sh\necho "Memória do Redis: ok, 0 jobs"\n')
    two = ("./scripts/monitor-system.sh\n", "./scripts/monitor-system.sh\n./scripts/queue.sh\n")
    text = judge.runbook.text.replace(*two, 1)
    (tmp_path / "RUNBOOK.md").write_text(text)
    seen = _judge(replace(judge, runbook=read_runbook(tmp_path / "RUNBOOK.md")), replica, metric, files)
    assert seen.outcome is outcome, seen.message
    assert outcome is not Outcome.OK or any(
        "queue.sh says nothing of" in said for said in map(str, seen.record.evidence)
    )
