"""A small house of checks, in a folder of its own, for tests of the plugin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RUNBOOK = """\
# Runbook of a test

> **Version:** 1.0

## Monitoramento

### Serviços
```bash
echo up
```

### Discos
Há espaço.

### Backups
Há backups.
"""
CONFTEST = 'pytest_plugins = ["rehearsal.plugin", "fixtures.evidence", "fixtures.runbook"]\n'
SETTINGS = f"""
[tool.pytest]
strict = true
addopts = ["-rs"]
testpaths = ["checks"]
pythonpath = [".", {json.dumps(str(ROOT))}]
markers = ["section(heading): what is verified", "daily: reads", "drill: breaks"]
"""
HEADER = """\
import pytest
pytestmark = [pytest.mark.daily, pytest.mark.section("Serviços")]
"""


class House:
    """A project with a gateway directory and one file of checks."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        (self.path / "conftest.py").write_text(CONFTEST)
        (self.path / "pyproject.toml").write_text(SETTINGS)
        (self.path / "gateway").mkdir()
        self.gateway('name = "toy"\n')
        (self.path / "gateway" / "RUNBOOK.md").write_text(RUNBOOK)
        (self.path / "checks").mkdir()

    def gateway(self, text: str) -> None:
        """Write gateway.toml."""
        (self.path / "gateway" / "gateway.toml").write_text(text)

    def checks(self, text: str, *, header: str = HEADER) -> None:
        """Write the file of checks."""
        (self.path / "checks" / "test_it.py").write_text(header + text)

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run pytest on the house, in a process of its own."""
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=120)

    @property
    def latest(self) -> Path:
        """The folder of the latest report."""
        return self.path / "reports" / "latest"

    def results(self) -> dict[str, Any]:
        """What results.json of the latest run says."""
        loaded: dict[str, Any] = json.loads((self.latest / "results.json").read_text())
        return loaded

    def outcomes(self) -> dict[str, str]:
        """The outcome of each check of the latest run, by the name of its function."""
        return {one["node_id"].split("::")[1]: one["outcome"] for one in self.results()["results"]}
