"""A whole page, as pytest-html writes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rehearsal.reports.words import Language
from rehearsal.results.model import RunReport
from rehearsal.results.serial import to_json

_ROOT = Path(__file__).parents[2]


def write_page(directory: Path, report: RunReport, language: Language) -> Path:
    """Run pytest with pytest-html on a report, in a process of its own, and return the path of the page."""
    results, page, module = directory / "in.json", directory / "report.html", directory / "test_page.py"
    results.write_text(to_json(report), encoding="utf-8")
    module.write_text("def test_result(place):\n    pass\n", encoding="utf-8")
    arguments = ["-c", os.devnull, "--rootdir", str(directory), "-p", "tests.reports.page_plugin"]
    arguments += ["-p", "no:cacheprovider", f"--html={page}", "--self-contained-html", "-q", str(module)]
    environment = {**os.environ, "DEMO_RESULTS": str(results), "DEMO_LANGUAGE": language, "PYTHONPATH": str(_ROOT)}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=directory, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return page
