"""Copied terminals: what was typed is run, what was printed is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.runbook import procedure
from rehearsal.runbook.transcript import typed
from tests.runbook.reading import read_text

WORDS = st.lists(st.sampled_from(["docker", "ps", "-a", "=", "x>y", "'$ '"]), min_size=1, max_size=4).map(" ".join)
PROMPTS = st.sampled_from(["$ ", "ops@mail-1:/srv/mail$ ", "root@mail-1:~# ", "[ops@mail-1 ~]$ ", "  $ "])
OUTPUT = st.text(st.characters(exclude_characters="$#\n\r", exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize("language", ["console", "sh", "bash", "shell", ""])
def test_prompts_and_output(language: str) -> None:
    """The prompt is taken off, the output left out, and each command keeps its line and its label."""
    found = procedure(
        read_text(f"""
        # R
        ## Status
        ```{language}
        # Is it up?
        $ docker compose ps
        NAME   STATUS
        api    Up (healthy); see /live
        $ docker compose logs \\
        >   --tail=50 api
        0 errors
        ```
        """),
        "Status",
    )
    assert [(command.text, command.line, command.label) for command in found.commands] == [
        ("docker compose ps", 5, "Is it up?"),
        ("docker compose logs \\\n  --tail=50 api", 8, ""),
    ]


def test_here_document_is_typed() -> None:
    """The lines of a here-document are no output."""
    block = "$ psql <<SQL\nSELECT 1;\nSQL\n 1\n$ ls\nfile\n"
    assert typed(block, "console") == "psql <<SQL\nSELECT 1;\nSQL\n\nls\n\n"


def test_console_without_a_prompt_shows_output_only() -> None:
    """In a block that says it is a terminal, a line without a prompt was not typed."""
    assert typed("PONG\n", "console") == "\n"


def test_prompts_of_root_in_a_terminal() -> None:
    """Where a terminal shows no other prompt, `#` is root's; in a script it begins a comment."""
    shown = "# systemctl reload nginx\ndone\n# ls /srv\n"
    assert typed(shown, "console") == "systemctl reload nginx\n\nls /srv\n"
    assert typed(shown, "bash") == shown
    assert typed("# a word of explanation\n$ ls\nx\n", "console") == "# a word of explanation\nls\n\n"


@pytest.mark.parametrize("block", ["ls\n$ ls\n", "echo $HOME\n", "$(which ls)\n", '$SHELL -c "x"\n', "# $ ls\nls\n"])
def test_script_stays_as_it_is(block: str) -> None:
    """What begins without a prompt is a script, dollars and all."""
    assert typed(block, "bash") == block


@given(st.lists(st.tuples(PROMPTS, WORDS, st.lists(OUTPUT, max_size=3)), min_size=1, max_size=5))
def test_any_terminal(shown: list[tuple[str, str, list[str]]]) -> None:
    """Of any terminal each line that was typed stays, in its line, and nothing else."""
    lines, expected = [], []
    for prompt, command, output in shown:
        lines += [prompt + command, *output]
        expected += [command, *[""] * len(output)]
    assert typed("\n".join(lines), "console").split("\n") == expected


@given(st.text(), st.sampled_from(["", "bash", "console"]))
def test_lines_keep_their_numbers(block: str, language: str) -> None:
    """No text breaks it, and what is kept of a line stands in that line."""
    kept = typed(block, language).split("\n")
    assert len(kept) == len(block.split("\n"))
    assert all(after in before for before, after in zip(block.split("\n"), kept, strict=True))
