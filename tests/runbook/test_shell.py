"""Where one command ends and the next begins."""

import pytest

from rehearsal.runbook.shell import split_commands
from tests.runbook.reading import read_commands

WHOLE = {
    "continuation": "tar -xzf a.tar.gz \\\n  -C /tmp",
    "pipe at the end of a line": "gunzip -c a.gz |\n  psql",
    "and at the end of a line": "cd x &&\n\n  # why\n  ls",
    "double quotes over lines": "psql -c \"SELECT 1;\nSELECT '2'\"",
    "single quotes over lines": "awk '{\n print $1 }' f",
    "ansi quotes": "printf $'it\\'s\\n#x' y",
    "here-document": "cat > f <<EOF\n# no comment\n'one quote\nif\nEOF",
    "here-document with tabs": "cat <<-'END' | sort\n\tb\n\tEND",
    "two here-documents": "diff <(cat <<A\n1\nA\n) /dev/stdin <<B\n2\nB",
    "if": "if [ -f x ]; then\n  rm x\nelse\n  true\nfi",
    "for": "for i in 1 2; do\n  echo $i # each\ndone | sort",
    "while reading": 'while read -r line\ndo\n  echo "$line"\ndone < <(ls)',
    "case": 'case "$1" in\n  start|if) a ;;\n  (stop) b ;;\n  *) echo "x" ;;\nesac',
    "function": "check() {\n  local x=${1:-}\n}",
    "function with its brace below": "check ()\n{\n  true\n}",
    "function by keyword": "function check\n{\n  true\n}",
    "group": "{\n  a\n  b\n} > out",
    "subshell": "(\n  cd x\n  ls\n)",
    "substitution": "x=$(\n  date\n)",
    "backticks": "x=`date\n`",
    "array": "x=(\n  a\n  b\n)",
    "test with newline": "[[ a == b\n  && c == d ]]",
    "arithmetic shift": "echo $(( (1 << 3) ))",
    "nested subshells": "((cd x); ls\n)",
    "quote in an expansion": 'echo "${x:-it\'s}"',
    "hash in words": "echo a#b ${x#y} $#",
    "here-string": "cat <<< 'a\nb'",
}


@pytest.mark.parametrize("command", WHOLE.values(), ids=WHOLE.keys())
def test_command_stays_whole(command: str) -> None:
    """A command over several lines is one, between two others."""
    assert read_commands(f"before\n{command}\nafter") == ["before", command, "after"]


@pytest.mark.parametrize(
    ("block", "commands"),
    [
        ("a # b 'c", ["a"]),
        ("# don't\na", ["a"]),
        ("a; b && c\nd", ["a; b && c", "d"]),
        ("done\nfi\n)\n}\na", ["done", "fi", ")", "}", "a"]),
        ("a \\\n", ["a"]),
        ("a\\\\\nb", ["a\\\\", "b"]),
        ("x=()\ny", ["x=()", "y"]),
        ("echo if\necho {", ["echo if", "echo {"]),
        ("find . -exec rm {} \\;\nb", ["find . -exec rm {} \\;", "b"]),
        ("a 2>&1 >|f\nb &\nc", ["a 2>&1 >|f", "b &", "c"]),
        ("# only\n\n# comments", []),
    ],
)
def test_commands_of_a_block(block: str, commands: list[str]) -> None:
    """Comments and blank lines are no commands; a stray closing word closes nothing."""
    assert read_commands(block) == commands


@pytest.mark.parametrize("opening", ["echo 'a", 'echo "a', "if true", "x=$(", "cat <<EOF", "f() {"])
def test_unclosed_takes_the_rest(opening: str) -> None:
    """What is never closed makes the rest of the block one command, as a shell would wait for more."""
    assert read_commands(f"first\n{opening}\nsecond\nthird") == ["first", f"{opening}\nsecond\nthird"]


def test_labels() -> None:
    """A comment labels the lines of its group; several above are one; one at the end serves where there is none."""
    block = "#!/bin/bash\n# Stop\nstop a\nstop b # now\n\nplain\nnamed # why\n\n# One\n# two\nlast\n# -----\nbare\n"
    assert [(command.text, command.label) for command in split_commands(block, 1)] == [
        ("stop a", "Stop"),
        ("stop b", "Stop"),
        ("plain", ""),
        ("named", "why"),
        ("last", "One two"),
        ("bare", ""),
    ]


def test_label_stays_over_a_blank_line_until_used() -> None:
    """A comment above a blank line still labels; a newer comment replaces it."""
    commands = split_commands("# A\n\na\n\n# B\n\n# C\nc\n", 1)
    assert [command.label for command in commands] == ["A", "C"]


def test_lines_are_those_of_the_block() -> None:
    """The line of a command is its first, counted from the line of the block."""
    commands = split_commands("\n# x\na \\\n b\n\ncat <<E\n[nome]\nE\nc\n", 10)
    assert [command.line for command in commands] == [12, 15, 18]
    assert [(one.text, one.line) for one in commands[1].placeholders] == [("[nome]", 16)]
