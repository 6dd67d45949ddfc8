"""The table of thresholds: good rows are read, bad ones are unknown to whom asks for them, and to nobody else."""

import pytest

from rehearsal.runbook import Runbook, RunbookError, threshold
from rehearsal.runbook.limits import NotALimitError, read_limit
from rehearsal.runbook.model import Limit
from tests.runbook.reading import read_text


def _table(*rows: str, header: str = "| Métrica | Warning | Critical | Ação |") -> Runbook:
    rule = "|" + "---|" * (header.count("|") - 1)
    return read_text("\n".join(["# R", "## Alertas e Thresholds", "", header, rule, *rows]) + "\n")


@pytest.mark.parametrize(
    ("cell", "limit"),
    [
        ("> 80%", Limit(">", 80, "%")),
        (">80 %", Limit(">", 80, "%")),
        ("≥ 80%", Limit(">=", 80, "%")),
        ("=> 80", Limit(">=", 80, "")),
        ("> 500ms", Limit(">", 500, "ms")),
        ("> 2s", Limit(">", 2, "s")),
        ("> 0,5 s", Limit(">", 0.5, "s")),
        ("> 0.125 segundos", Limit(">", 0.125, "s")),
        ("> 2 min", Limit(">", 120, "s")),
        ("< 10 GB", Limit("<", 10, "GB")),
        ("≤ 512 MiB", Limit("<=", 512, "MB")),
        ("> 100 %", Limit(">", 100, "%")),
    ],
)
def test_limit_is_read(cell: str, limit: Limit) -> None:
    """Operators, decimals of both languages, and units."""
    assert read_limit(cell) == limit


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", "an empty cell"),
        ("alto", "expected a limit"),
        ("80%", "expected a limit"),
        ("> 80% por 5 min", "expected a limit"),
        ("> %", "expected a limit"),
        ("> -5 s", "no negative"),
        ("> -5%", "from 0 to 100"),
        ("> 101%", "from 0 to 100"),
        ("> 5 bananas", "one of the units"),
        ("> 1.500ms", "no thousands separator"),
        ("> 1e5", "expected a limit"),
        ("> 99999999999999", "expected a limit"),
    ],
)
def test_nonsense_is_no_limit(cell: str, expected: str) -> None:
    """What can't be read in one way is refused, with what stood there."""
    with pytest.raises(NotALimitError, match=expected):
        read_limit(cell)


def test_critical_takes_the_unit_of_the_warning() -> None:
    """`> 2s` beside `> 500ms` is 2000 ms; `< 512 MB` beside `< 2 GB` is half a GB."""
    runbook = _table("| Latência API | > 500ms | > 2s | x |", "| Disco | < 2 GB | < 512 MB | y |")
    assert threshold(runbook, "API latency").critical == Limit(">", 2000, "ms")
    assert threshold(runbook, "Disk").critical == Limit("<", 0.5, "GB")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("| Disco | > 90% | > 80% | x |", "beyond the warning `> 90 %`, found the weaker `> 80 %`"),
        ("| Disco | < 10% | < 20% | x |", "weaker"),
        ("| Disco | > 80% | > 2s | x |", "units of one kind"),
        ("| Disco | > 80% | < 90% | x |", "same side"),
        ("| Disco | muito | > 90% | x |", "found `muito` as its warning"),
        ("| Disco | > 80% |", "an empty cell as its critical"),
        ("| Disco |", "an empty cell as its warning"),
        ("| **Uso de disco** | > 80% | ? | x |", r"found `\?` as its critical"),
    ],
)
def test_bad_row_is_an_error_of_that_row_only(row: str, expected: str) -> None:
    """The lookup names file, line and heading; the row beside it still counts."""
    runbook = _table("| CPU | > 80% | > 90% | x |", row)
    with pytest.raises(RunbookError, match=rf"^RUNBOOK.md:7: 'Alertas e Thresholds': .*{expected}"):
        threshold(runbook, "Disco")
    assert threshold(runbook, "CPU").critical.value == 90


def test_missing_row_says_what_there_is() -> None:
    """The error of a missing row names the place where it was expected and the rows found."""
    with pytest.raises(RunbookError, match=r"^RUNBOOK.md:2: 'Alertas e Thresholds': .*Disco, found CPU, Memória$"):
        threshold(_table("| CPU | > 80% | > 90% | x |", "| Memória | > 80% | > 90% | x |"), "Disco")


def test_doubled_row_is_an_error() -> None:
    """Two rows of one metric, in either language and good or bad, leave no answer."""
    runbook = _table("| Disco | > 80% | > 90% | x |", "| Disk | > 70% | - | x |")
    with pytest.raises(RunbookError, match=r"^RUNBOOK.md:7: .*once, found it at lines 6, 7$"):
        threshold(runbook, "Disco")


def test_table_without_a_column_is_an_error_of_its_rows() -> None:
    """A table under the heading that lacks a column is named, with the columns that it has."""
    runbook = _table("| Disco | > 80% | x |", header="| Métrica | Warning | Ação |")
    with pytest.raises(RunbookError, match=r"RUNBOOK.md:4: .*metric, warning and critical, found the columns Métrica"):
        threshold(runbook, "Disco")


def test_doubled_column_is_an_error() -> None:
    """Two columns of one meaning leave no answer."""
    runbook = _table("| Disco | > 80% | > 70% | > 90% |", header="| Métrica | Warning | Aviso | Critical |")
    with pytest.raises(RunbookError, match="one column each"):
        threshold(runbook, "Disco")


def test_first_column_is_the_metric_whatever_it_is_called() -> None:
    """With a warning and a critical column, what the first one names is what they limit."""
    runbook = read_text("# R\n| Olhar para | Aviso | Crítico |\n|---|---|---|\n| CPU | 80% | 90% |\n")
    assert threshold(runbook, "CPU").critical.value == 90


def test_other_tables_are_left_alone() -> None:
    """A table of something else is neither thresholds nor a problem."""
    runbook = read_text("# R\n\n| Porta | Serviço |\n|--|--|\n| 80 | nginx |\n")
    assert (runbook.thresholds, runbook.problems) == ((), ())


def test_action_may_be_missing() -> None:
    """A table without actions still has thresholds."""
    runbook = _table("| CPU | > 80% | > 90% |", header="| Metric | Warning | Critical |")
    assert threshold(runbook, "CPU").action == ""


def test_table_may_stand_anywhere() -> None:
    """Its columns say what it is, not its heading."""
    runbook = read_text("# R\n## Limites\n\n| Metric | Warning | Critical |\n|-|-|-|\n| CPU | \\> 80% | &gt; 90% |\n")
    assert threshold(runbook, "cpu").warning == Limit(">", 80, "%")
    assert threshold(runbook, "cpu").place.heading == "Limites"


@pytest.mark.parametrize(
    ("warning", "critical", "expected"),
    [
        ("80%", "90 %", (Limit(">=", 80, "%"), Limit(">=", 90, "%"))),
        ("500 ms", "2 s", (Limit(">=", 500, "ms"), Limit(">=", 2000, "ms"))),
        ("20 GB", "10 GB", (Limit("<=", 20, "GB"), Limit("<=", 10, "GB"))),
        ("above 80%", "Over 90%", (Limit(">", 80, "%"), Limit(">", 90, "%"))),
        ("mais de 0,5 s", "acima de 2 s", (Limit(">", 0.5, "s"), Limit(">", 2, "s"))),
        ("80%+", "90 % +", (Limit(">=", 80, "%"), Limit(">=", 90, "%"))),
        ("0,5 s ou mais", "2 s or more", (Limit(">=", 0.5, "s"), Limit(">=", 2, "s"))),
        ("less than 20 GB", "< 10 GB", (Limit("<", 20, "GB"), Limit("<", 10, "GB"))),
    ],
)
def test_limits_without_a_sign(warning: str, critical: str, expected: tuple[Limit, Limit]) -> None:
    """Two bare figures say by their order on which side they are; words are signs."""
    header = "| Check | Warning level | Critical (page) |"
    found = threshold(_table(f"| Disk space | {warning} | {critical} |", header=header), "Disco")
    assert (found.warning, found.critical) == expected


@pytest.mark.parametrize(
    ("warning", "critical"),
    [
        ("80%", "80%"),
        ("80%", "> 90%"),
        ("> 80%", "90%"),
        ("80%", "2 s"),
        ("80%", "?"),
        ("some 80%", "90%"),
        ("-1", "2"),
    ],
)
def test_a_side_is_never_guessed(warning: str, critical: str) -> None:
    """Two equal figures, or one with a sign and one without, say no side."""
    with pytest.raises(RunbookError):
        threshold(_table(f"| Disco | {warning} | {critical} | x |"), "Disco")


def test_metric_with_a_remark() -> None:
    """What stands behind the name of a metric does not make it another."""
    assert threshold(_table("| CPU (5 min) | > 80% | > 90% | x |"), "CPU").metric == "CPU"
    assert threshold(_table("| Fila (parada) | > 8 | > 9 | x |"), "Waiting Mails").warning.value == 8
