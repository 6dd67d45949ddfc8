"""On any text: no error but RunbookError, and whatever is extracted stands where it is said to."""

import html
import re
import string
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.runbook import Command, Runbook, RunbookError, fill
from rehearsal.runbook.placeholders import find_placeholders
from rehearsal.runbook.read import parse_runbook
from rehearsal.runbook.shell import split_commands
from tests.runbook.reading import DOCUMENTS

BLOCKS = [
    "# ",
    "## ",
    "###### ",
    "\n",
    "\n\n",
    "\n---\n",
    "===\n",
    "> ",
    "- ",
    "* ",
    "1. ",
    "  ",
    "    ",
    "\t",
    "<!--",
    "-->",
]
FENCES = [
    "```console\n$ ",
    "\n$ ",
    "ops@host:~$ ",
    "```",
    "```bash\n",
    "~~~",
    "~~~sh\n",
    "`",
    "``",
    "---\nversion: 1\n---\n",
]
TABLES = ["|", "|-|-|-|\n", "| Métrica | Warning | Critical |\n", "| Disco | > 80% | > 90% |\n"]
INLINES = ["**", "_", "~~", "[", "](", ")", "](#a)", '](x "', "<", ">", "\\", "&amp;", "<b>", "`docker ps -a`"]
PLACEHOLDERS = ["YYYYMMDD-HHMMSS", "[nome]", "<host>", "your_password", "{{x}}"]
CHAPTERS = ["## Backups Automáticos\n", "### Redis\n", "## Contatos e Escalação\n", "## Logs Importantes\n"]
LINES = ["Retenção: 7 dias\n", "Frequência: Diário às 02:00\n", "- **Localização:** `./b`\n", "Nível 1 (a): b\n"]
DATES = ["**Última revisão:** 2025-02-30\n", "Versão: 1\n"]
ODD = ["\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\xa0", "\u2028", "é", "\ufeff"]
SIGNS = [*"'\"`\\$(){}<>|&;# \n\t", "((", "$(", "${", "[[", "\\\n"]
WORDS = [
    "if ",
    "fi\n",
    "case ",
    " in ",
    "esac\n",
    "do ",
    "done\n",
    "<<E",
    "E\n",
    "a",
    "f() ",
    "# c\n",
    "docker logs api",
]
PIECES = [*BLOCKS, *FENCES, *TABLES, *INLINES, *PLACEHOLDERS, *CHAPTERS, *LINES, *DATES, *ODD, *SIGNS, *WORDS]
MARKDOWN = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join)
SHELL = st.lists(st.sampled_from(SIGNS + WORDS), max_size=60).map("".join)


_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


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
        # An underlined heading may have several lines.
        assert _stands_in(_first_word(section.heading), lines[section.line - 1])
        for procedure in section.procedures:
            assert 1 <= procedure.place.line <= len(lines)
            if procedure.language:
                assert procedure.language in lines[procedure.place.line - 1]
            _check_commands(procedure.commands, lines)
        for step in (*section.steps, *section.items):
            _check_commands(step.commands, lines)
    for threshold in runbook.thresholds:
        assert _stands_in(threshold.metric, lines[threshold.place.line - 1])
        assert f"{threshold.warning.value:g}" in lines[threshold.place.line - 1]
    for policy in runbook.backup_policies:
        assert _stands_in(_first_word(policy.store), lines[policy.place.line - 1])
    assert all(1 <= problem.place.line <= len(lines) for problem in runbook.problems)


def _check_commands(commands: tuple[Command, ...], lines: list[str]) -> None:
    for command in commands:
        # Inline code may go on in the next line, where its newline is a space.
        assert _first_word(command.text) in lines[command.line - 1]
        for placeholder in command.placeholders:
            following = "".join(lines[placeholder.line - 1 : placeholder.line + 9])
            assert _squeezed(placeholder.text) in _squeezed(following)


def _stands_in(text: str, line: str) -> bool:
    """Tell whether a text stands in a line as it is written, or as it is read: `&amp;` is one character there."""
    return any(text in one for one in (line, html.unescape(line), _ESCAPED.sub(r"\g<1>", html.unescape(line))))


def _first_word(text: str) -> str:
    return re.split("[ \n]", text, maxsplit=1)[0]


@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    """No text breaks the reader."""
    runbook = _read(text)
    if runbook:
        _check(runbook)


@settings(max_examples=400)
@given(MARKDOWN)
def test_anything_like_markdown(text: str) -> None:
    """No mixture of what runbooks are made of breaks the reader, and lines are true."""
    runbook = _read("# R\n" + text)
    assert runbook is not None
    _check(runbook)


@settings(max_examples=100)
@given(st.integers(0, 100), st.integers(0, 3000), st.sampled_from(["correio.md", "mail.md"]), MARKDOWN)
def test_damaged_documents(cut: int, at: int, name: str, inserted: str) -> None:
    """A real document with a piece cut out and another put in its place is read or refused, and lines are true."""
    text = (DOCUMENTS / name).read_text(encoding="utf-8")
    runbook = _read(text[:at] + inserted + text[at + cut :])
    if runbook:
        _check(runbook)


@settings(max_examples=300)
@given(SHELL | st.text())
def test_any_block_of_shell(block: str) -> None:
    """Commands come in order, each at its line, and nothing but comments and blanks is lost."""
    starts = [0, *(match.end() for match in re.finditer("\n", block))]
    lost, position = "", 0
    for command in split_commands(block, 1):
        found = block.index(command.text, max(position, starts[command.line - 1]))
        assert "\n" not in block[starts[command.line - 1] : found]
        lost += block[position:found] + "\n"
        position = found + len(command.text)
    lost += block[position:]
    remains = [line.lstrip(" \t\r\f\v\\") for line in lost.split("\n")]
    assert [line for line in remains if line and line[0] != "#"] == []


WORD = st.text(string.ascii_letters, min_size=1, max_size=8)


@given(st.lists(st.tuples(WORD, st.sampled_from(["<{}>", "[{}ab]", "{{{{{}}}}}", "your_{}"]))), WORD)
def test_filled_commands_have_no_placeholder(words: list[tuple[str, str]], value: str) -> None:
    """Whatever is found can be filled, and then nothing is left to fill."""
    command = " ".join(form.format(word) for word, form in words)
    values = {placeholder.text: value.lower() for placeholder in find_placeholders(command)}
    assert find_placeholders(fill(command, values)) == ()
