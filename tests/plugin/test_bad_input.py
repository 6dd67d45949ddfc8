"""What users do wrong: one sentence each, an exit status that is not 0, no traceback."""

import pytest

from tests.plugin.house import HEADER, House

GOOD = 'def test_ok(evidence):\n    """O."""\n    evidence.saw("it")\n'


def _sentence(result: pytest.RunResult, *words: str) -> None:
    text = "\n".join(result.outlines + result.errlines)
    assert result.ret != 0
    assert all(word in text for word in words), text
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text


def test_missing_gateway_directory(house: House) -> None:
    """A gateway directory that is not there is named, and how to name another."""
    house.checks(GOOD)
    _sentence(house.run("--gateway=gone"), "gone", "--gateway DIR")


def test_misspelt_key(house: House) -> None:
    """A key that gateway.toml does not have is named, with the nearest that it has."""
    house.checks(GOOD)
    house.gateway('name = "toy"\n[objective]\nrto_hours = 1\n')
    _sentence(house.run(), "objective", "objectives")


def test_missing_runbook(house: House) -> None:
    """A runbook that is not there is named."""
    house.checks(GOOD)
    _sentence(house.run("--runbook=gone.md"), "gone.md")


def test_runbook_without_headings(house: House) -> None:
    """A text that is no runbook is refused before anything runs."""
    house.checks(GOOD)
    (house.path / "gateway" / "RUNBOOK.md").write_text("nothing but a sentence\n")
    _sentence(house.run(), "RUNBOOK.md", "heading")


def test_misspelt_marker(house: House) -> None:
    """A marker that is not registered ends the run before it begins."""
    house.checks(GOOD.replace("def test_ok", "@pytest.mark.dayly\ndef test_ok"))
    _sentence(house.run(), "dayly")


@pytest.mark.parametrize("arguments", [("-k", "day of"), ("-m", "daily and ("), ("-n1", "-k", "day of")])
def test_selection_that_can_not_be_read(house: House, arguments: tuple[str, ...]) -> None:
    """An expression that is none is a sentence before anything is started, in parallel runs, too."""
    house.checks(GOOD)
    done = house.run(*arguments)
    _sentence(done, arguments[-1], "character")
    assert done.ret == pytest.ExitCode.USAGE_ERROR


def test_selection_of_nothing(house: House) -> None:
    """A selection without checks verified nothing, and is no success."""
    house.checks(GOOD)
    done = house.run("-m", "drill")
    _sentence(done, "-m 'drill'", "nothing was verified")
    assert done.ret == 1


def test_nothing_applicable(house: House) -> None:
    """A run in which every check was not applicable verified nothing, and is no success."""
    house.checks('def test_it(evidence):\n    """O."""\n    pytest.skip("no engine")\n')
    done = house.run()
    assert done.ret == 1
    assert house.outcomes() == {"test_it": "not_applicable"}


@pytest.mark.parametrize(
    ("header", "check", "word"),
    [
        pytest.param("import pytest\n", GOOD, "section", id="no section"),
        pytest.param(HEADER, "def test_ok(evidence):\n    pass\n", "docstring", id="no title"),
        pytest.param(HEADER.replace("pytest.mark.daily, ", ""), GOOD, "has no rhythm", id="no rhythm"),
    ],
)
def test_check_that_does_not_declare_itself(house: House, header: str, check: str, word: str) -> None:
    """A check without a section or a title ends the run before it begins, and says what to add."""
    house.checks(check, header=header)
    _sentence(house.run(), "test_it.py::test_ok", word)


def test_misspelt_section(house: House) -> None:
    """A check that names a section which nobody knows ends the run before it begins: it would never verify anything."""
    house.checks(GOOD, header=HEADER.replace("Serviços", "Serviçais"))
    done = house.run()
    _sentence(done, "test_it.py::test_ok", "Serviçais", "RUNBOOK.md")
    assert done.ret == pytest.ExitCode.USAGE_ERROR


def test_section_that_has_gone(house: House) -> None:
    """A check whose section is known, and not in this document, is unknown, whatever it saw."""
    house.checks(GOOD, header=HEADER.replace("Serviços", "Restaurar Redis"))
    _sentence(house.run(), "Restaurar Redis", "RUNBOOK.md")
    assert house.outcomes() == {"test_ok": "unknown"}


def test_section_that_another_document_lacks(house: House) -> None:
    """A document that the command line names need not have a section of ours: the check is unknown, the run goes on."""
    house.checks(GOOD)
    (house.path / "other.md").write_text("# Other\n\n## Things\n\nThey are.\n")
    _sentence(house.run("--runbook=other.md"), "Serviços", "other.md")
    assert house.outcomes() == {"test_ok": "unknown"}


def test_section_that_says_nothing(house: House) -> None:
    """A check of a heading with nothing under it is unknown: nothing is promised there that it could have seen."""
    runbook = house.path / "gateway" / "RUNBOOK.md"
    runbook.write_text(runbook.read_text().replace("```bash\necho up\n```\n", ""))
    house.checks(GOOD)
    _sentence(house.run(), "Serviços", "RUNBOOK.md:7")
    assert house.outcomes() == {"test_ok": "unknown"}


def test_unwritable_reports(house: House) -> None:
    """A place for reports that can't be written is named before anything runs."""
    house.checks(GOOD)
    (house.path / "reports").write_text("a file where a folder should be")
    _sentence(house.run(), "reports")


def test_syntax_error_in_a_check(house: House) -> None:
    """A file of checks that can't be read is no success."""
    house.checks("def test_ok(evidence:\n")
    assert house.run().ret != 0
