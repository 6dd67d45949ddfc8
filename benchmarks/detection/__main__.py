"""`python -m benchmarks.detection [WORD ...]`: runs the cases that a word names, or all of them.

A word names a case by a part of its name, or all cases of a corpus by the name of its file.

Prints a line for each case as it ends, and writes all of it to reports/detection.json. The exit status is 1 where a
defect was missed or a healthy gateway accused.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.detection.cases import Case, cases
from rehearsal.results.model import Outcome

ROOT = Path(__file__).parents[2]
_SECONDS = 1800
_AT_ONCE = 2
_SHOWN = 3


@dataclass(frozen=True)
class Verdict:
    """What came of one case."""

    name: str
    right: bool
    findings: tuple[str, ...]
    """Node id, outcome and message of each finding that counts."""


def main(words: list[str]) -> int:
    """Run the chosen cases, two at once."""
    chosen = [
        case
        for case in cases()
        if not words or any(word == case.corpus or word.lower() in case.name.lower() for word in words)
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        verdicts = list(pool.map(_told, chosen))
    (ROOT / "reports" / "detection.json").write_text(json.dumps([asdict(one) for one in verdicts], indent=2) + "\n")
    wrong = sum(not one.right for one in verdicts)
    sys.stdout.write(f"{len(verdicts) - wrong} of {len(verdicts)} cases right\n")
    return 1 if wrong or not verdicts else 0


def _told(case: Case) -> Verdict:
    verdict = _judged(case)
    word = "right" if verdict.right else "ACCUSED" if case.healthy else "MISSED"
    lines = [f"{word:<8} {case.name}", *(f"           {one[:220]}" for one in verdict.findings[:_SHOWN])]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    return verdict


def _judged(case: Case) -> Verdict:
    """Look at a healthy gateway whole. One finding is enough to have found a defect, if it is bad enough."""
    if not case.healthy and (verdict := _seen(case, "--exitfirst")).right:
        return verdict
    return _seen(case)


def _seen(case: Case, *options: str) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        case.plant(ROOT / "gateway", Path(folder, "gateway"))
        results = _results(case, Path(folder), options)
    least = Outcome.WARNING if case.healthy else case.worst
    found = tuple(
        f"{one['node_id']}: {one['outcome']}: {one['message']}"
        for one in results
        if Outcome(one["outcome"]).severity >= least.severity
    )
    return Verdict(case.name, bool(found) != case.healthy and bool(results), found)


def _results(case: Case, folder: Path, options: tuple[str, ...]) -> list[dict[str, str]]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--replica=processes",
        f"--gateway={folder}/gateway",
        f"--report-dir={folder}/reports",
    ]
    subprocess.run(
        [*command, *options, *case.run],
        cwd=ROOT,
        env=os.environ | {"GATEWAY_REDIS_PASSWORD": "a password of the detection benchmark"},
        capture_output=True,
        check=False,
        timeout=_SECONDS,
    )
    files = list(folder.glob("reports/*/results.json"))
    found: list[dict[str, str]] = json.loads(files[0].read_text())["results"] if files else []
    return found


sys.exit(main(sys.argv[1:]))
