"""On any text: no error but RunbookError, and whatever is extracted stands where it is said to."""

import string
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.runbook import Runbook, RunbookError, fill
from rehearsal.runbook.placeholders import find_placeholders
from rehearsal.runbook.read import parse_runbook
from rehearsal.runbook.shell import split_commands
from tests.runbook.reading import DOCUMENTS

PIECES = st.sampled_from(
    [
        "# ", "## ", "###### ", "#", "\n", "\n\n", "\n---\n", "===\n", "```", "```bash\n", "~~~", "~~~sh\n", "> ", "- ", "* ",
        "1. ", "  ", "    ", "\t", "|", "|-|-|-|\n", "| Métrica | Warning | Critical |\n", "| Disco | > 80% | > 90% |\n",
        "`", "``", "**", "_", "~~", "[", "](", ")", "](#a)", "<", ">", "<!--", "-->", "\\", "&amp;", "<b>", '](x "',
        "`docker ps -a`", "docker logs api", "YYYYMMDD-HHMMSS", "[nome]", "<host>", "your_password", "{{x}}", "$(", "${",
        "'", '"', "<<EOF\n", "EOF\n", "if ", "fi\n", "case x in\n", "esac\n", "do\n", "done\n", "{ ", "}\n", "\\\n", "; ", " | ",
        "&& ", "# c\n", "Retenção: 7 dias\n", "Frequência: Diário às 02:00\n", "- **Localização:** `./b`\n", "### Redis\n",
        "## Backups Automáticos\n", "## Contatos e Escalação\n", "## Alertas e Thresholds\n", "**Última revisão:** 2025-02-30\n",
        "Nível 1 (a): b\n", "## Logs Importantes\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\xa0", "\u2028", "é", "\ufeff",
        "---\nversion: 1\n---\n",
    ]
)  # fmt: skip
MARKDOWN = st.lists(PIECES | st.text(max_size=5), max_size=60).map("".join)
SHELL = st.lists(
    st.sampled_from(list("'\"`\\$(){}<>|&;# \n\t") + ["if ", "fi", "case ", " in ", "esac", "do ", "done", "<<E", "E\n", "((", "a", "[["]),
    max_size=60,
).map("".join)  # fmt: skip


def _read(text: str) -> Runbook | None:
    try:
        return parse_runbook(text, Path("RUNBOOK.md"), "")
    except RunbookError:
        return None


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _check(runbook: Runbook) -> None:
    lines = runbook.text.split("\n")
    for section in runbook.sections:
        assert section.heading.split("\n")[0].split(" ")[0] in lines[section.line - 1]
        for procedure in section.procedures:
            assert 1 <= procedure.place.line <= len(lines)
        commands = [command for procedure in section.procedures for command in procedure.commands]
        commands += [command for step in (*section.steps, *section.items) for command in step.commands]
        for command in commands:
            first = command.text.split("\n")[0]
            # Inline code may go on in the next line, where its newline is a space.
            assert first.split(" ")[0] in lines[command.line - 1]
            for placeholder in command.placeholders:
                assert _squeezed(placeholder.text) in _squeezed(
                    "".join(lines[placeholder.line - 1 : placeholder.line + 9])
                )
    for threshold in runbook.thresholds:
        assert threshold.metric in lines[threshold.place.line - 1]
        assert f"{threshold.warning.value:g}" in lines[threshold.place.line - 1]
    for policy in runbook.backup_policies:
        assert policy.store in lines[policy.place.line - 1]
    for problem in runbook.problems:
        assert 1 <= problem.place.line <= len(lines)


@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    """No text breaks the reader."""
    runbook = _read(text)
    if runbook:
        _check(runbook)


@settings(max_examples=400, deadline=None)
@given(MARKDOWN)
def test_anything_like_markdown(text: str) -> None:
    """No mixture of what runbooks are made of breaks the reader, and lines are true."""
    runbook = _read("# R\n" + text)
    assert runbook is not None
    _check(runbook)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 100), st.integers(0, 3000), st.sampled_from(["correio.md", "mail.md"]), MARKDOWN)
def test_damaged_documents(cut: int, at: int, name: str, inserted: str) -> None:
    """A real document with a piece cut out and another put in its place is read or refused, and lines are true."""
    text = (DOCUMENTS / name).read_text(encoding="utf-8")
    runbook = _read(text[:at] + inserted + text[at + cut :])
    if runbook:
        _check(runbook)


@settings(max_examples=300, deadline=None)
@given(SHELL | st.text())
def test_any_block_of_shell(block: str) -> None:
    """Commands come in order, each at its line, and nothing but comments and blanks is lost."""
    commands = split_commands(block, 1)
    position = 0
    for command in commands:
        found = block.index(command.text, position)
        assert block.count("\n", 0, found) + 1 == command.line
        between = block[position:found]
        assert all(not line.strip(" \t\r\f\v\\") or "#" in line for line in between.split("\n"))
        position = found + len(command.text)


WORD = st.text(string.ascii_letters, min_size=1, max_size=8)


@given(st.lists(st.tuples(WORD, st.sampled_from(["<{}>", "[{}ab]", "{{{{{}}}}}", "your_{}"]))), WORD)
def test_filled_commands_have_no_placeholder(words: list[tuple[str, str]], value: str) -> None:
    """Whatever is found can be filled, and then nothing is left to fill."""
    command = " ".join(form.format(word) for word, form in words)
    values = {placeholder.text: value.lower() for placeholder in find_placeholders(command)}
    assert find_placeholders(fill(command, values)) == ()
