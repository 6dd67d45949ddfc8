"""What a run tells of the document's lines that no check has looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.house import ROOT, House

RUNBOOK = """\
# Runbook of a test

> **Version:** 1.0

## Monitoramento

### Serviços
```bash
echo up
echo down
```

### Discos

| Métrica | Warning | Critical | Ação |
|---------|---------|----------|------|
| Disco | > 80% | > 90% | Limpar |

### Backups

1. Look at it: `echo look`
2. Tell somebody
"""
CHECKS = '''
def at(runbook, *texts):
    lines = enumerate(runbook.text.split("\\n"), start=1)
    return [number for number, line in lines if any(text in line for text in texts)]

def test_services(evidence, runbook):
    """S."""
    evidence.covers(*at(runbook, "echo up", "echo down"))
    evidence.saw("it")

@pytest.mark.section("Discos")
def test_disk(evidence, runbook):
    """D."""
    evidence.covers(*at(runbook, "| Disco |"))
    evidence.critical("it is full")

@pytest.mark.section("Backups")
def test_backups(evidence, runbook):
    """B."""
    evidence.covers(*at(runbook, "Look at", "Tell"))
    evidence.saw("it")
'''


@pytest.fixture
def whole(house: House) -> House:
    """A house in which a check takes the coverage of the run."""
    conftest = house.path / "conftest.py"
    conftest.write_text(conftest.read_text().replace("]", ', "fixtures.coverage"]'))
    (house.path / "checks" / "__init__.py").touch()
    (house.path / "gateway" / "RUNBOOK.md").write_text(RUNBOOK)
    (house.path / "checks" / "test_all.py").write_text((ROOT / "checks/document/test_coverage.py").read_text())
    settings = house.path / "pyproject.toml"
    settings.write_text(settings.read_text().replace('"drill:', '"monthly: reads", "drill:'))
    house.checks(CHECKS)
    return house


NAME = "test_nothing_is_left_unverified"


def at_the_end(house: House, *arguments: str) -> dict[str, Any]:
    """Run the house, and return what was said at the end of it."""
    house.run(*arguments)
    return next(one for one in house.results()["results"] if NAME in one["node_id"])


def test_document_that_is_covered(whole: House) -> None:
    """Where every line was looked at the run says so, also where a check found something wrong."""
    assert at_the_end(whole)["outcome"] == "ok"
    items = {item["line"]: item["checks"] for row in whole.results()["coverage"] for item in row["items"]}
    assert set(items) == {9, 10, 17, 21, 22}
    assert all(items.values())
    lines = {one["node_id"].split("::")[1]: one["lines"] for one in whole.results()["results"]}
    assert lines["test_services"] == [9, 10]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("echo down\n", "echo down\necho more\n", ["Serviços", "command in line 11"], id="command"),
        pytest.param("| Limpar |\n", "| Limpar |\n| CPU | > 1% | > 2% | - |\n", ["Discos", "row in line 18"], id="row"),
        pytest.param("2. Tell somebody\n", "2. Tell somebody\n3. Go\n", ["Backups", "step in line 23"], id="step"),
        pytest.param("2. Tell somebody\n", "2. Tell somebody\n\n- So\n", ["Backups", "item in line 24"], id="item"),
        pytest.param("2. Tell somebody\n", "2. Tell somebody\n\n### New\n\nIt takes 5 s.\n", ["New"], id="section"),
        pytest.param("2. Tell somebody\n", "2. Tell somebody\n\n### New\n", ["New"], id="empty section"),
    ],
)
def test_what_is_added_is_reported(whole: House, old: str, new: str, words: list[str]) -> None:
    """A command, row, step, item or section that no check claims is a warning that names it."""
    path = whole.path / "gateway" / "RUNBOOK.md"
    path.write_text(path.read_text().replace(old, new))
    found = at_the_end(whole)
    assert found["outcome"] == "warning", found["message"]
    assert len(found["findings"]) == 1
    assert [word for word in words if word not in found["message"]] == []
    assert "RUNBOOK.md:" in found["findings"][0]["source"]


@pytest.mark.parametrize("said", ["It is for operations.", "Commands are given in `/srv/gw`, by 2 people at least."])
def test_introduction_is_no_gap(whole: House, said: str) -> None:
    """A section that only says what the document is for promises nothing; the report still lists it as not verified."""
    path = whole.path / "gateway" / "RUNBOOK.md"
    path.write_text(path.read_text().replace("## Monitoramento", f"## Overview\n\n{said}\n\n## Monitoramento"))
    assert at_the_end(whole)["outcome"] == "ok"
    overview = next(row for row in whole.results()["coverage"] if row["heading"] == "Overview")
    assert overview["checks"] == []


def test_row_of_an_overview_is_a_promise_where_it_has_a_figure(whole: House) -> None:
    """A table of the services says what there is; a row with a limit in it is not passed over."""
    table = "## Overview\n\n| Service | What |\n|---|---|\n| `db` | PostgreSQL 16 |\n| `api` | {} |\n\n## Monitoramento"
    path = whole.path / "gateway" / "RUNBOOK.md"
    text = path.read_text()
    path.write_text(text.replace("## Monitoramento", table.format("takes mails, ports 80 and 443")))
    assert at_the_end(whole)["outcome"] == "ok"
    path.write_text(text.replace("## Monitoramento", table.format("back in 30 min")))
    found = at_the_end(whole)
    assert found["outcome"] == "warning", found["message"]
    assert "row in line 10" in found["message"]


def test_step_that_introduces_a_list_is_seen_with_it(whole: House) -> None:
    """A step that ends in a colon says what the list below it says; where one of that is not seen, it is not either."""
    path = whole.path / "gateway" / "RUNBOOK.md"
    text = path.read_text()
    assert "2. Tell somebody\n" in text
    path.write_text(text.replace("2. Tell somebody\n", "2. Tell somebody\n3. Ask:\n   - `date`\n"))
    found = at_the_end(whole)
    words = found["findings"][0]["message"]
    assert ("step in line 23" in words, "item in line 24" in words) == (True, True), words
    (whole.path / "checks" / "test_more.py").write_text(
        "import pytest\n\n@pytest.mark.drill\n@pytest.mark.section('Backups')\n"
        "def test_list(evidence):\n    'It looks.'\n    evidence.covers(24)\n    evidence.saw('it')\n"
    )
    assert at_the_end(whole)["outcome"] == "ok"


@pytest.mark.parametrize(
    ("added", "outcome"),
    [
        ("## 7. Glossário\n\n| Termo | Significado |\n|---|---|\n| RTO | até voltar, 4 h |\n", "ok"),
        ('## Example of a mail\n\n```json\n{"to": "a"}\n```\n', "ok"),
        ("## Example\n\n```bash\necho more\n```\n", "warning"),
    ],
    ids=["glossary", "example", "example of a command"],
)
def test_what_only_explains_is_no_gap(whole: House, added: str, outcome: str) -> None:
    """What words mean, and how a mail looks, is no promise; a command is one, whatever stands above it."""
    path = whole.path / "gateway" / "RUNBOOK.md"
    path.write_text(path.read_text().replace("## Monitoramento", f"{added}\n## Monitoramento"))
    found = at_the_end(whole)
    assert found["outcome"] == outcome, found["message"]


def test_what_could_not_be_seen_is_no_gap(whole: House) -> None:
    """Where a check of the section was not applicable, or unknown, it is that check which says so."""
    whole.checks(CHECKS.replace('evidence.covers(*at(runbook, "Look at", "Tell"))', 'pytest.skip("no engine here")'))
    assert at_the_end(whole)["outcome"] == "ok"
    assert whole.outcomes()["test_backups"] == "not_applicable"
    backups = next(row for row in whole.results()["coverage"] if row["heading"] == "Backups")
    assert (backups["checks"], len(backups["claimed_by"])) == ([], 1)


@pytest.mark.parametrize("arguments", [("-k", "disk"), ("-m", "daily"), ("checks/test_it.py",)])
def test_part_of_a_run_says_nothing(whole: House, arguments: tuple[str, ...]) -> None:
    """A run of some checks can't tell what no check looks at."""
    whole.run(*arguments)
    assert NAME not in whole.outcomes()


def test_check_of_the_run_alone(whole: House) -> None:
    """Asked for by its own name it is not applicable, and says why."""
    found = at_the_end(whole, "checks/test_all.py")
    assert found["outcome"] == "not_applicable"
    assert "only a run of all checks" in found["message"]


def test_workers_know_as_much(whole: House) -> None:
    """Spread over processes a run tells the same."""
    path = whole.path / "gateway" / "RUNBOOK.md"
    path.write_text(path.read_text() + "\n### New\n")
    found = at_the_end(whole, "-n", "2")
    assert found["outcome"] == "warning"
    assert "New" in found["message"]
    done = whole.run("--fail-on=warning")
    assert done.ret == 1
    assert "101%" not in "\n".join(done.outlines)
