"""Sabotage of "Limpeza Automática"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks.maintenance.test_log_cleanup import test_clean_up_takes_old_logs_only as clean_up
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge, Verdict

SCRIPT = r"""cat > scripts/clean-logs.sh <<'EOF'
#!/bin/bash
cd "$(dirname "$0")/.."
for file in ./logs/*.log /var/log/email-gateway-*.log; do
    [ -s "$file" ] || continue
    mv "$file" "$file.$(date -u +%Y%m%d-%H%M%S)" && : > "$file"
done
find ./logs /var/log -maxdepth 1 -type f \( -path "./logs/*.log*" -o -name "email-gateway-*.log*" \) \
    -mmin +43200 -delete
EOF
chmod +x scripts/clean-logs.sh"""
OWN_NAMES = r"""cat > scripts/rotate-logs <<'EOF'
#!/bin/bash
cd "$(dirname "$0")/.."
clean() {
    find "$1" -maxdepth 1 -type f -name "$2*.log" -size +5M \
        -exec sh -c 'mv "$1" "$1.$(date -u +%Y%m%dT%H%M%SZ)" && : > "$1"' sh {} \;
    find "$1" -maxdepth 1 -type f -name "$2*.log.*Z" -mmin +60 -exec gzip {} \;
    find "$1" -maxdepth 1 -type f -name "$2*.log.*Z.gz" -mtime +30 -delete
}
clean logs ''
clean /var/log email-gateway-
EOF
chmod +x scripts/rotate-logs"""
BY_DAY = SCRIPT.replace("%Y%m%d-%H%M%S", "%Y%m%d")
OLD = """# Logs antigos
find ./logs -name '*.log' -mtime +30 -delete
find /var/log -name 'email-gateway-*.log' -mtime +30 -delete"""
ANEW = "find ./logs -maxdepth 1 -name '*.log' -size +10M -exec sh -c '{}' sh {{}} \\;\n" + OLD
SABOTAGES = {
    "never-anew": (OLD, Outcome.WARNING, "never gets old"),
    "two-figures": (
        OLD.replace("logs -name '*.log' -mtime +30", "logs -name '*.log' -mtime +9"),
        Outcome.WARNING,
        "never gets old",
    ),
    "too-early": (f"# Mais de 30 dias\n{OLD.replace('+30', '+9')}", Outcome.CRITICAL, "have gone"),
    "too-late": (f"# Mais de 30 dias\n{OLD.replace('+30', '+89')}", Outcome.CRITICAL, "still there"),
    "nothing": (OLD.replace("-delete", "-print"), Outcome.CRITICAL, "nothing was cleaned"),
    "too-far": (OLD.replace("./logs -name", ". -name"), Outcome.CRITICAL, "backups/rehearsal-precious.log to stay"),
    "evidence": (
        OLD.replace("./logs -name '*.log'", "./logs -type f"),
        Outcome.CRITICAL,
        "logs/incidente-rehearsal.txt to stay",
    ),
    "links": (OLD.replace("find ./logs", "find -L ./logs"), Outcome.CRITICAL, "backups/rehearsal-precious.log to stay"),
    "of-others": (OLD.replace("email-gateway-*", "*"), Outcome.CRITICAL, "rehearsal-other.log to stay"),
    "whole-folder": (
        OLD.replace("-name '*.log'", "-type f ! -name 'incidente*'"),
        Outcome.WARNING,
        "none of them",
    ),
    "emptied": (ANEW.format('truncate -s 0 "$1"'), Outcome.CRITICAL, "are nowhere"),
    "emptied-late": (
        ANEW.format('cp "$1" "$1.1" && sleep 0.2 && truncate -s 0 "$1"'),
        Outcome.WARNING,
        "a moment after",
    ),
    "renamed": (ANEW.format('mv "$1" "$1.1" && : > "$1"'), Outcome.OK, ""),
    "by-day": (ANEW.format('mv "$1" "$1.$(date +%F)" && : > "$1"'), Outcome.WARNING, "a second time the same day"),
    "packed-by-day": (
        ANEW.format('mv "$1" "$1-$(date +%F)" && : > "$1" && gzip -f "$1-$(date +%F)"'),
        Outcome.WARNING,
        "a second time the same day",
    ),
    "added-by-day": (ANEW.format('mv "$1" "$1.t" && : > "$1" && cat "$1.t" >> "$1.$(date +%F)"'), Outcome.OK, ""),
    "once-a-day": (ANEW.format('[ -e "$1.$(date +%F)" ] || { mv "$1" "$1.$(date +%F)"; : > "$1"; }'), Outcome.OK, ""),
    "by-minute": (ANEW.format('mv "$1" "$1.$(date +%Y%m%d-%H%M)" && : > "$1"'), Outcome.OK, ""),
    "no-figure": (OLD.replace("-mtime +30", "-mmin +43200"), Outcome.UNKNOWN, "after how many days"),
    "no-such-tool": ("# Mais de 30 dias\nlimpa-logs --tudo", Outcome.UNKNOWN, "limpa-logs"),
}


def _with(judge: Judge, folder: Path, block: str) -> Verdict:
    written = re.search(r"#### Limpeza Automática\n.*?```bash\n(.*?)```", judge.runbook.text, re.DOTALL)
    assert written
    return judge.reading(folder, (written[1], f"{block}\n"))(clean_up)


def test_reference_is_ok(judge: Judge) -> None:
    """The reference takes the old ones, and nothing is said against it."""
    seen = judge(clean_up)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize(("block", "expected", "words"), SABOTAGES.values(), ids=SABOTAGES.keys())
def test_clean_up_is_judged_by_what_is_left(
    block: str, expected: Outcome, words: str, judge: Judge, tmp_path: Path
) -> None:
    """What goes too early, stays too long, or is none of its business is seen, however the block is written."""
    seen = _with(judge, tmp_path, block)
    assert seen.outcome is expected, seen.message
    assert any(words in one.message for one in seen.record.findings) or not words, seen.message


def test_clean_up_by_a_script_is_ok(replica: Replica, judge: Judge, tmp_path: Path) -> None:
    """A script that does it in another way is not accused, though its block names no file."""
    assert replica.run_script(SCRIPT, timeout=10).ok
    seen = _with(judge, tmp_path, "# Limpa os logs com mais de 30 dias\n./scripts/clean-logs.sh")
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize(
    ("days", "expected", "words"),
    [("+30", Outcome.OK, ""), ("+40", Outcome.CRITICAL, "still there"), ("+9", Outcome.CRITICAL, "have gone")],
)
def test_names_that_only_the_script_knows(
    days: str, expected: Outcome, words: str, replica: Replica, judge: Judge, tmp_path: Path
) -> None:
    """What a script calls its logs, and from which size on it takes them, is read in it; how long they stay is seen."""
    assert replica.run_script(OWN_NAMES.replace("+30", days), timeout=10).ok
    seen = _with(judge, tmp_path, "# Logs de mais de 30 dias\nscripts/rotate-logs")
    assert seen.outcome is expected, seen.message
    assert words in seen.message


def test_clean_up_by_a_script_that_overwrites_is_seen(replica: Replica, judge: Judge, tmp_path: Path) -> None:
    """Run twice a day, by hand when the disk is full, names by day put the second log in the place of the first."""
    assert replica.run_script(BY_DAY, timeout=10).ok
    seen = _with(judge, tmp_path, "# Limpa os logs com mais de 30 dias\n./scripts/clean-logs.sh")
    assert (seen.outcome, "a second time" in seen.message) == (Outcome.WARNING, True), seen.message


def test_section_that_is_not_there_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """Without the section nothing was verified."""
    assert judge.reading(tmp_path, ("#### Limpeza Automática", "#### Outra"))(clean_up).outcome is Outcome.UNKNOWN


DAILY = "# Os de mais de 30 dias\nfind logs -maxdepth 1 -type f -name 'ops-????-??-??.log' -mtime +{} -delete\n"
FOLDERS = "find ./redis-data -maxdepth 1 -type d -name 'antes-*' -mtime +30 -exec rm -rf {} +"


@pytest.mark.parametrize(
    ("block", "expected", "words"),
    [
        (DAILY.format(30), Outcome.OK, ""),
        (DAILY.format(30) + FOLDERS, Outcome.OK, ""),
        (DAILY.format(9), Outcome.CRITICAL, "have gone"),
        (DAILY.format(89), Outcome.CRITICAL, "still there"),
    ],
    ids=["in time", "and folders", "too early", "too late"],
)
def test_logs_of_a_day_each_are_cleaned(
    block: str, expected: Outcome, words: str, judge: Judge, tmp_path: Path
) -> None:
    """A log that has its day in its name is planted under such a name; a folder that goes is no log."""
    written = re.search(r"#### Limpeza Automática\n.*?```bash\n(.*?)```", judge.runbook.text, re.DOTALL)
    listed = re.search(r"- `\./logs/[^\n]*", judge.runbook.text)
    assert written
    assert listed
    changed = judge.reading(tmp_path, (written[1], f"{block}\n"), (listed[0], "- `./logs/ops-AAAA-MM-DD.log`: tudo"))
    seen = changed(clean_up)
    assert seen.outcome is expected, seen.message
    assert any(words in one.message for one in seen.record.findings) or not words, seen.message
