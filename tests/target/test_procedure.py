"""A procedure run as a person would paste it."""

import pytest

from rehearsal.gateway.procedure import ProcedureRun, run_commands, what_is_wrong
from rehearsal.gateway.target import CommandRun
from rehearsal.runbook.model import Command
from tests.target.shells import LocalShell


def _run(*texts: str, timeout: float = 30) -> ProcedureRun:
    commands = [Command(text, "", line) for line, text in enumerate(texts, 1)]
    return run_commands(LocalShell(), commands, timeout=timeout)  # type: ignore[arg-type]


def test_state_goes_from_command_to_command() -> None:
    """What one command exports, defines or changes into, the next one sees."""
    done = _run("export NAME=value", "cd /", 'echo "$NAME in $PWD"')
    assert done.commands[2].stdout == "value in /\n"


def test_each_command_has_its_own_ending() -> None:
    """Exit codes, output and lines are those of each command, and a failure does not stop the next."""
    done = _run("echo out; echo err >&2; (exit 3)", "echo after")
    first, second = done.commands
    assert (first.exit_code, first.stdout, first.stderr, first.line) == (3, "out\n", "err\n", 1)
    assert (second.exit_code, second.stdout, second.line) == (0, "after\n", 2)
    assert done.failed == (first,)


def test_a_pipe_is_seen_through() -> None:
    """A part of a pipe that fails is seen, though the shell calls the whole a success."""
    (broken,) = _run("gunzip -c /nowhere.gz | cat").commands
    assert broken.exit_code == 0
    assert broken.pipe_status[0] != 0
    assert not broken.ok


def test_a_syntax_error_ends_one_command() -> None:
    """A quote that never closes spoils its own command, as at a prompt, and not the rest."""
    broken, after = _run("echo 'never closed", "echo after").commands
    assert broken.exit_code == 2
    assert after.stdout == "after\n"


@pytest.mark.parametrize("ender", ["exit 4", "set -e; (exit 4)"])
def test_what_the_shell_did_not_reach_says_so(ender: str) -> None:
    """A command after the end of the shell was not run, and is not taken for one that worked."""
    ended, never = _run(ender, "echo never").commands
    assert ended.exit_code == 4
    assert never.exit_code is None
    assert never.ending == "was not run"


def test_the_time_limit_names_the_command_that_hung() -> None:
    """The command in which the time ran out has no exit code and says why."""
    first, hung, never = _run("echo first", "sleep 60", "echo never", timeout=1).commands
    assert first.stdout == "first\n"
    assert "time limit of 1 s" in hung.stderr
    assert hung.exit_code is None
    assert never.ending == "was not run"


def test_constructs_over_several_lines_are_whole() -> None:
    """Continuations, here-documents and loops run as they are written."""
    done = _run("echo one \\\n  two", "cat <<END\nthree\nEND", "for x in 4 5; do\n  echo $x\ndone")
    assert [command.stdout for command in done.commands] == ["one two\n", "three\n", "4\n5\n"]


@pytest.mark.parametrize(
    ("command", "stdout", "wrong"),
    [
        ("redis-cli ping", "PONG\n", ""),
        ("redis-cli ping", "NOAUTH Authentication required.\n", "NOAUTH"),
        ("redis-cli SET a b", "(error) MISCONF Redis is configured to save\n", "MISCONF"),
        ("redis-cli GET story", "the ERR of my ways\n", ""),
        ("cat log", "ERR something\n", ""),
    ],
)
def test_redis_errors_with_exit_code_0_are_seen(command: str, stdout: str, wrong: str) -> None:
    """`redis-cli` exits 0 over an error: its words count, and only its."""
    said = what_is_wrong(CommandRun(command, 0, stdout, "", 0.0))
    assert wrong in said
    assert bool(said) == bool(wrong)


def test_the_time_limit_accuses_nobody_else() -> None:
    """What had ended before the one that hung keeps its exit code: it is not accused."""
    first, failed, hung, never = _run("echo first", "(exit 3)", "sleep 60", "echo never", timeout=1).commands
    assert (first.exit_code, failed.exit_code, hung.exit_code) == (0, 3, None)
    assert not hung.never_ran
    assert never.never_ran


@pytest.mark.parametrize(
    ("command", "stderr", "wrong"),
    [
        ("./monitor.sh", "./monitor.sh: line 2: mpstat: command not found\n", "mpstat"),
        ("df /nowhere || true", "df: /nowhere: No such file or directory\n", "/nowhere"),
        ("curl -fsS http://localhost/helth || true", "curl: (22) The requested URL returned error: 404\n", "404"),
        ("psql -f dump.sql", 'psql:dump.sql:3: ERROR:  relation "a" already exists\n', "already exists"),
        ("psql < dump.sql", 'NOTICE:  x\nERROR:  relation "a" already exists\nLINE 1\n', "already exists"),
        ("redis-cli -a secret PING", "AUTH failed: ERR AUTH called without any password configured\n", "AUTH failed"),
        ("docker-compose logs api", "ERROR: cat: /a: No such file or directory\n", ""),
        ("docker compose pull", "a warning of no weight\n", ""),
    ],
)
def test_complaints_with_exit_code_0_are_seen(command: str, stderr: str, wrong: str) -> None:
    """A command that says what did not work has not worked, unless it shows what others said."""
    said = what_is_wrong(CommandRun(command, 0, "", stderr, 0.0))
    assert wrong in said
    assert bool(said) == bool(wrong)


@pytest.mark.parametrize(
    ("command", "pipe", "stderr", "wrong"),
    [
        ("docker-compose logs api | grep -i error", (0, 1), "", False),
        ("docker-compose logs api | grep -i error", (1, 1), "no such service: api\n", True),
        ("grep -ci falha app.log", (), "", False),
        ("grep -i error app.log", (), "grep: app.log: No such file or directory\n", True),
        ("redis-cli PING | grep -x PONG", (0, 1), "", True),
    ],
)
def test_search_for_errors_may_find_none(*, command: str, pipe: tuple[int, ...], stderr: str, wrong: bool) -> None:
    """A search for errors that finds none is good news; one for a good answer is not."""
    assert bool(what_is_wrong(CommandRun(command, 1, "", stderr, 0.0, pipe))) is wrong


def test_the_line_that_names_the_error_is_quoted() -> None:
    """The caret that psql prints last stands below the line that says what is wrong."""
    stderr = 'ERROR:  relation "a" does not exist\nLINE 1: SELECT 1 FROM a\n                      ^\n'
    assert "does not exist" in what_is_wrong(CommandRun("psql | tail -1", 0, "", stderr, 0.0, (1, 0)))
