"""Sections and procedures by their names."""

import pytest

from rehearsal.runbook import RunbookError, procedure, section
from tests.runbook.reading import read_text

REPEATED = """
# R

## Backups Automáticos

### PostgreSQL
- x

## Comandos Úteis

### 1. **PostgreSQL**
```bash
psql
```
"""


@pytest.mark.parametrize(
    "asked",
    ["2. Restaurar o `PostgreSQL`:", "RESTAURAR POSTGRESQL", "Restore PostgreSQL", "restaurar  postgresql."],
)
def test_heading_is_matched_by_meaning(asked: str) -> None:
    """Case, accents, numbering, emphasis, trailing punctuation and language do not count."""
    runbook = read_text("# R\n\n## 3.1 Restaurar *PostgreSQL*\n")
    assert section(runbook, asked).line == 3


def test_repeated_heading_is_found_by_its_parent() -> None:
    """The same heading may stand under several chapters; the chapter, in either language, says which."""
    runbook = read_text(REPEATED)
    assert section(runbook, "Automatic Backups", "PostgreSQL").line == 5
    assert section(runbook, "Comandos Úteis", "PostgreSQL").line == 10
    assert section(runbook, "R", "Comandos Úteis", "PostgreSQL").anchor == "1-postgresql"


def test_repeated_heading_alone_is_an_error() -> None:
    """Without a parent the lines of all are named."""
    with pytest.raises(RunbookError, match=r"^RUNBOOK.md:10: .*found 2, at lines 5 \(Backups Automáticos / .*, 10 "):
        section(read_text(REPEATED), "PostgreSQL")


def test_clean_up_of_logs_that_is_not_parted() -> None:
    """Commands right below "Limpeza de Logs" are its automatic part, unless that has a heading of its own."""
    whole = "# R\n## Limpeza de Logs\n\n```bash\na\n```\n"
    assert procedure(read_text(whole), "Limpeza Automática").text == "a\n"
    assert procedure(read_text(whole + "### Limpeza Automática\n```bash\nb\n```\n"), "Limpeza Automática").text == "b\n"
    with pytest.raises(RunbookError, match="'Limpeza de Logs': expected commands in a ```bash block"):
        procedure(read_text("# R\n## Limpeza de Logs\n"), "Limpeza Automática")


def test_missing_heading_names_the_nearest() -> None:
    """A typing error in either place is seen from the message."""
    with pytest.raises(RunbookError, match=r"expected a heading 'Comando Util', found none, the nearest is 'Comandos"):
        section(read_text(REPEATED), "Comando Util")


def test_path_of_headings() -> None:
    """A section knows the headings above it, as written, skipped levels or not."""
    runbook = read_text("# A\n### B\n## C\n#### **D**\n")
    assert [one.path for one in runbook.sections] == [("A",), ("A", "B"), ("A", "C"), ("A", "C", "**D**")]


def test_procedure_by_its_parent() -> None:
    """A procedure is found under a heading that repeats."""
    assert procedure(read_text(REPEATED), "Comandos Úteis", "PostgreSQL").commands[0].text == "psql"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("texto", "a ```bash block or in a numbered list, found none"),
        ("```sql\nSELECT 1\n```", "found a block of sql at line 3"),
        ("```bash\n# nada\n```", "found a block of bash at line 3"),
        ("```bash\na\n```\n\n```\nb\n```", "found 2, at lines 3, 7: mark what is output"),
        ("1. `a b`\n\n```\nb\n```", "found 2, at lines 3, 5: mark what is output"),
        ("```bash\na\n", "expected the block to end with ```"),
        ("~~~sh\na\n```\n", "expected the block to end with ~~~"),
    ],
)
def test_procedure_that_is_none(body: str, expected: str) -> None:
    """A heading without one clear procedure is an error with line and heading."""
    runbook = read_text(f"# R\n## Restaurar\n{body}")
    with pytest.raises(RunbookError, match=f"^RUNBOOK.md:[23]: 'Restaurar': .*{expected}"):
        procedure(runbook, "Restaurar")


def test_unclosed_block_is_named_when_a_heading_is_missed() -> None:
    """What an open block has swallowed is not found, and the reason is said; what stands before it is."""
    runbook = read_text("# R\n## A\n```bash\na\n```\n## B\n```bash\nb\n\n## C\n")
    assert procedure(runbook, "A").commands[0].text == "a"
    with pytest.raises(RunbookError, match="the block at line 7 is never closed"):
        section(runbook, "C")


def test_other_languages_have_no_commands() -> None:
    """A block of output or SQL keeps its text, and the block of commands beside it is the procedure."""
    runbook = read_text("# R\n```bash\nps\n```\n```text\nPID\n```\n")
    assert procedure(runbook, "R").commands[0].text == "ps"
    assert [(one.language, one.text, one.commands) for one in runbook.sections[0].procedures][1:] == [
        ("text", "PID\n", ())
    ]


def test_steps_with_blocks_are_one_procedure() -> None:
    """A numbered list whose items hold blocks and inline commands is one procedure, in order."""
    runbook = read_text(
        """
        # R

        1. Parar: `docker compose stop api`

           ```bash
           # limpar
           rm -f \\
             x
           ```

        2. Repetir

           - `docker compose start api`

           1. Ver `docker compose ps`
        """
    )
    commands = procedure(runbook, "R").commands
    assert [(command.text, command.line, command.label) for command in commands] == [
        ("docker compose stop api", 3, "Parar"),
        ("rm -f \\\n  x", 7, "limpar"),
        ("docker compose start api", 13, ""),
        ("docker compose ps", 15, "Ver"),
    ]
    steps = runbook.sections[0].steps
    assert [(step.number, step.line, len(step.commands)) for step in steps] == [(1, 3, 2), (2, 11, 0), (1, 15, 1)]
    assert [(item.number, item.line, item.text) for item in runbook.sections[0].items] == [
        (1, 13, "docker compose start api")
    ]


def test_blocks_with_text_between_are_one_procedure() -> None:
    """Blocks that say that they are shell, and numbered lists, are done one after the other; output is left out."""
    runbook = read_text("""
        # R
        ## Restore PostgreSQL
        Stop it:
        ```bash
        a 1
        ```
        This prints:
        ```text
        done
        ```
        1. Look: `b 2`

        ~~~sh
        c 3
        ~~~
        """)
    found = procedure(runbook, "Restaurar PostgreSQL")
    assert [(one.text, one.line) for one in found.commands] == [("a 1", 5), ("b 2", 11), ("c 3", 14)]
    assert (found.place.line, found.text) == (4, "a 1\nb 2\nc 3\n")


def test_missing_heading_is_named_in_both_languages() -> None:
    """Who writes in English learns which English heading is looked for."""
    with pytest.raises(RunbookError, match=r"a heading 'Restaurar Redis' \(or 'Restore Redis'\), found none"):
        procedure(read_text("# R\n## Other\n"), "Restaurar Redis")


PARTED = """
# R
## 2. Backup
### Backups automáticos
#### PostgreSQL
- Frequência: diário
### Backup manual
#### PostgreSQL, à mão
```bash
pg
```
#### Redis
```bash
re
```
## Recursos
### CPU alta
```bash
top
```
## Rotina
### Recursos
```bash
df
```
## Limpeza de logs
### Automática
```bash
auto
```
### Manual
```bash
docker system df
```
"""


@pytest.mark.parametrize(
    ("asked", "commands"),
    [
        ("Backup Manual do PostgreSQL", "pg\n"),
        ("Backup Manual do Redis", "re\n"),
        ("Limpeza Automática", "auto\n"),
        ("Limpeza Manual", "docker system df\n"),
    ],
)
def test_heading_that_means_something_under_another(asked: str, commands: str) -> None:
    """A heading is read together with the one above it, where neither means it alone."""
    assert procedure(read_text(PARTED), asked).text == commands


def test_chapter_of_the_same_name_is_passed_over() -> None:
    """A chapter that only parts others is not the section of that name."""
    assert procedure(read_text(PARTED), "Recursos").text == "df\n"


def test_two_that_mean_the_same_together_are_none() -> None:
    """Nobody guesses between two."""
    again = "## Backup avulso\n### PostgreSQL\n```bash\nother\n```\n"
    with pytest.raises(RunbookError, match="expected a heading 'Backup Manual do PostgreSQL'"):
        procedure(read_text(PARTED + again), "Backup Manual do PostgreSQL")


def test_part_without_a_heading_is_its_section() -> None:
    """A section may part its lists by words in bold: what is asked of a part is asked of the section."""
    text = "# R\n## Backups automáticos\n\n**PostgreSQL**\n\n- Frequência: diário\n"
    assert section(read_text(text), "Backups Automáticos", "PostgreSQL").line == 2
    with pytest.raises(RunbookError, match="found none"):
        section(read_text(f"{text}\n### Redis\n"), "Backups Automáticos", "PostgreSQL")
