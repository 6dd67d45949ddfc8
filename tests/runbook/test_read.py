"""Documents that can't be read at all, and documents in odd clothes."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from rehearsal.runbook import RunbookError, procedure, read_runbook, threshold
from tests.runbook.reading import read_text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ": expected a runbook, found an empty file"),
        (b"\xef\xbb\xbf \n\t\n", ": expected a runbook, found an empty file"),
        (b"# R\nol\xc3\xa1 \xe9\n", ":2: expected UTF-8 text, found the byte 0xe9"),
        (b"texto sem t\xc3\xadtulo\n", ":1: expected a runbook with at least one heading"),
        (b"\x00\x01\x02", ":1: expected a runbook with at least one heading"),
        (b"#\n\n##  \n", ":1: expected a runbook with at least one heading"),
    ],
)
def test_content_that_is_no_runbook(tmp_path: Path, content: bytes, expected: str) -> None:
    """One sentence with the file, and the line where there is one."""
    file = tmp_path / "R.md"
    file.write_bytes(content)
    with pytest.raises(RunbookError) as error:
        read_runbook(file)
    assert str(error.value).startswith(f"{file}{expected}")


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named, with what to do."""
    with pytest.raises(RunbookError, match=r"nada\.md, found no such file: name one with --runbook FILE"):
        read_runbook(tmp_path / "nada.md")


def test_directory(tmp_path: Path) -> None:
    """A directory is no runbook."""
    with pytest.raises(RunbookError, match="found a directory"):
        read_runbook(tmp_path)


def test_file_under_a_file(tmp_path: Path) -> None:
    """What the system refuses is passed on in its words."""
    (tmp_path / "a").write_text("x")
    with pytest.raises(RunbookError, match="can't be read: Not a directory"):
        read_runbook(tmp_path / "a" / "b.md")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(tmp_path: Path) -> None:
    """A file without permission is an error, no traceback."""
    file = tmp_path / "R.md"
    file.write_text("# R\n")
    file.chmod(0)
    with pytest.raises(RunbookError, match="Permission denied"):
        read_runbook(file)


def test_newlines_and_byte_order_mark(tmp_path: Path) -> None:
    """A file from Windows reads the same; the checksum is of its bytes."""
    file = tmp_path / "R.md"
    data = "\N{BOM}# R\r\n\r\n## Ação\r\n\r\n```bash\r\na \\\r\n b\r\nc\r\n```\r\n".encode()
    file.write_bytes(data)
    runbook = read_runbook(file)
    assert [one.line for one in runbook.sections] == [1, 3]
    assert [(one.text, one.line) for one in procedure(runbook, "Ação").commands] == [("a \\\n b", 6), ("c", 8)]
    assert runbook.sha256 == hashlib.sha256(data).hexdigest()
    assert runbook.text.startswith("# R\n\n")


def test_odd_line_ends_do_not_shift_lines() -> None:
    """What Python takes for a line end and Markdown does not is no line end here."""
    runbook = read_text("# R\u2028x\x0c\n\nRevis\x85ão\n\n## S\n")
    assert [one.line for one in runbook.sections] == [1, 5]
    assert len(runbook.text.splitlines()) == 5


def test_setext_headings() -> None:
    """Underlined headings are headings."""
    runbook = read_text("Título\n======\n\nParte um\ne dois\n---\n\n```bash\nls -l\n```\n")
    assert [(one.heading, one.level, one.line) for one in runbook.sections] == [
        ("Título", 1, 1),
        ("Parte um e dois", 2, 4),
    ]
    assert procedure(runbook, "parte um e dois").commands[0].line == 9


def test_headings_that_are_none() -> None:
    """What stands in a block, a comment or an indented line is no heading."""
    runbook = read_text("# R\n\n~~~\n# a\n~~~\n\n<!--\n## b\n```bash\nrm x\n```\n-->\n\n    # c\n\n#d\n")
    assert [one.heading for one in runbook.sections] == ["R"]
    assert [one.language for one in runbook.sections[0].procedures] == ["", ""]


def test_blocks_in_odd_places() -> None:
    """Fences of tildes, with more than three marks, quoted, in items, indented by a tab, keep their lines."""
    runbook = read_text(
        "# R\n~~~ bash title=x\na\n~~~\n````SH\n```\nb\n````\n> ```bash\n> c\n> ```\n"
        "- x\n\n  ```bash\n  d\n\te\n  ```\n\ntexto\n\n\tf\n"
    )
    found = [
        (one.language, command.text, command.line) for one in runbook.sections[0].procedures for command in one.commands
    ]
    assert found[0] == ("bash", "a", 3)
    assert found[1][0] == "SH"
    assert ("bash", "c", 10) in found
    assert [one for one in found if one[1] in ("d", "e")] == [("bash", "d", 15), ("bash", "e", 16)]
    assert found[-1] == ("", "f", 21)


def test_heading_in_an_item_takes_what_follows() -> None:
    """A heading inside a list is a heading, as GitHub shows it."""
    runbook = read_text("# R\n- ## S\n\n  ```bash\n  a\n  ```\n")
    assert procedure(runbook, "S").commands[0].text == "a"


def test_numbers_of_steps() -> None:
    """Steps count from the number of the first, as they are shown."""
    steps = read_text("# R\n3. a\n3. b\n\ntexto\n\n1) c\n").sections[0].steps
    assert [(step.number, step.text) for step in steps] == [(3, "a"), (4, "b"), (1, "c")]


def test_a_gigantic_document_is_read() -> None:
    """A megabyte of chapters is read whole, the last line like the first, far inside a minute."""
    chapter = (
        '\n## C{0}\n\ntexto `x` e **y**\n\n```bash\n# ver\necho "{0}" | cat\n```\n\n1. Ver: `df -h`\n' + "palavra " * 40
    )
    text = "# R\n" + "".join(chapter.format(number) for number in range(2500))
    assert len(text) > 1_000_000
    table = "\n\n| Métrica | Warning | Critical |\n|-|-|-|\n| Disco | > 80% | > 90% |\n"
    began = time.monotonic()
    runbook = read_text(text + table)
    assert time.monotonic() - began < 60
    assert len(runbook.sections) == 2501
    assert threshold(runbook, "Disco").place.line == (text + table).count("\n")
