"""A runbook with defects: the checks that need what is broken are unknown, and all others run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.running import Place, Run, check_told

CHECKS = (
    *(f"monitoring/test_{name}" for name in ("commands", "connectivity", "queue", "services", "thresholds")),
    "backups/test_restore_redis",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The daily checks and one drill, by a runbook with a defect of each kind."""
    place = Place(Path(tmp_path_factory.mktemp("defects")))
    text = (place.gateway / "RUNBOOK.md").read_text()
    place.edit(
        "RUNBOOK.md",
        ("| CPU | > 80% | > 90% | Investigar processos |\n", ""),
        ("| Memória | > 85% | > 95% |", "| Memória | muita | > 95% |"),
        ("| Disco | > 80% | > 90% | Limpeza de logs |\n", "| Disco | > 80% | > 90% | Limpeza de logs |\n" * 2),
        ("#### 1. Status dos Serviços", "#### 1. Estado das Coisas"),
        (_block_below(text, "Verificação de Conectividade"), "Peça a alguém que olhe.\n"),
        ("#### Restaurar Redis", "#### Voltar atrás"),
    )
    return place.rehearse(*(f"checks/{name}.py" for name in CHECKS))


def _block_below(text: str, heading: str) -> str:
    start = text.index("```bash", text.index(heading))
    return text[start : text.index("```\n", start + 3) + 4]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        pytest.param("test_cpu", ["CPU", "Thresholds", "RUNBOOK.md:"], id="row missing"),
        pytest.param("test_memory", ["Memória", "muita", "RUNBOOK.md:"], id="row is nonsense"),
        pytest.param("test_disk", ["Disco", "RUNBOOK.md:"], id="row doubled"),
        pytest.param("test_commands_work[services]", ["Status dos Serviços", "RUNBOOK.md"], id="section missing"),
        pytest.param(
            "test_commands_work[connectivity]", ["Verificação de Conectividade", "RUNBOOK.md:"], id="block missing"
        ),
        pytest.param("test_redis_comes_back[total-loss]", ["Restaurar Redis", "RUNBOOK.md"], id="procedure missing"),
    ],
)
def test_check_without_its_words_is_unknown(run: Run, check: str, words: list[str]) -> None:
    """What the runbook does not say, or says in a way that can't be read, is unknown and names the place."""
    result = run.results[check]
    assert result["outcome"] == "unknown"
    assert [word for word in words if word not in result["message"]] == []
    assert "the check itself broke" not in result["message"]


def test_other_checks_still_run(run: Run) -> None:
    """Six defects hide what they concern and no other check, and the run is no success."""
    check_told(run, "CPU", "Memória", "Disco")
    assert run.status == 1
    gone = {"Status dos Serviços", "Restaurar Redis"}
    concerned = {name for name, one in run.results.items() if one["section"] in gone}
    concerned |= {"test_cpu", "test_memory", "test_disk", "test_commands_work[connectivity]"}
    # Redis' own memory is held against the table's row of memory.
    concerned |= {"test_redis_has_memory_left"}
    concerned |= {name for name in run.results if name.startswith(("test_levels_follow", "test_each_row_is_measured"))}
    assert {"test_commands_work[services]", "test_redis_comes_back[total-loss]"} <= concerned
    unknown = {name for name, one in run.results.items() if one["outcome"] == "unknown"}
    assert unknown <= concerned
    assert run.results["test_api_latency"]["outcome"] in ("ok", "warning")
    assert run.results["test_redis_takes_a_write"]["outcome"] == "ok"
