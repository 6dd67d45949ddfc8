"""Reads texts for the tests of the reader."""

from pathlib import Path
from textwrap import dedent

from rehearsal.runbook import Runbook
from rehearsal.runbook.read import parse_runbook

DOCUMENTS = Path(__file__).parent / "documents"


def read_text(text: str) -> Runbook:
    """Return the runbook of a text, whose indentation does not count; its first line is line 1."""
    return parse_runbook(dedent(text.removeprefix("\n")), Path("RUNBOOK.md"), "")


def read_commands(block: str) -> list[str]:
    """Return the commands of a block of shell, as text."""
    runbook = read_text(f"# H\n\n~~~~bash\n{block}\n~~~~\n")
    return [command.text for command in runbook.sections[0].procedures[0].commands]
