from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.target import RefusedError, TargetError
from rehearsal.live import open_live
from rehearsal.live.readonly import require_reading
from rehearsal.live.words import NotPlainError, simple_commands
from rehearsal.runbook import procedure, read_runbook
from rehearsal.runbook.model import Command
from tests.live.scripts import CHANGES, READS

RUNBOOK = Path(__file__).parents[2] / "gateway" / "RUNBOOK.md"


@pytest.mark.parametrize("script", READS)
def test_reading_may_run(script: str) -> None:
    """A script of which every command only reads is let through."""
    require_reading(script)


@pytest.mark.parametrize("script", CHANGES)
def test_change_is_refused(script: str) -> None:
    """A script that changes, hides a change, or never ends is refused, with the place that could allow it."""
    with pytest.raises(RefusedError, match=r"live\.read_only"):
        require_reading(script)


HARM = st.sampled_from(["rm -rf x", "redis-cli FLUSHALL", "psql -c 'DROP TABLE t'", "sh", "touch x", "docker kill api"])
JOINTS = (
    ["; {}", "\n{}", " && {}", " || {}", " | {}", " & {}", " $({})", ' "$({})"', " `{}`", ' "`{}`"', " <({})"],
    [" >({})", " <<E\nE\n{}", " #\n{}", " \\\n; {}", "' '; {}", ' "" ; {}', ";{}", "|{}", " 2>&1; {}", "\n(\n{})"],
)
GLUE = st.sampled_from(JOINTS[0]) | st.sampled_from(JOINTS[1])


@given(st.sampled_from(READS), GLUE, HARM, st.sampled_from(["", "x", "; ls", " | cat", "\n"]))
def test_nothing_hides_behind_reading(read: str, glue: str, harm: str, rest: str) -> None:
    """Whatever is joined to a command that reads is judged as well, however it is joined."""
    with pytest.raises(RefusedError):
        require_reading(read.removesuffix(" # the newest") + glue.format(harm) + rest)


@settings(max_examples=400)
@given(st.text("ab-o '\"\\\n\t;|&$`(){}<>#*?!=~/.12", max_size=24))
def test_words_are_those_of_the_shell(text: str) -> None:
    """What is let through as words is what bash makes of it: no quote, escape or line end is read otherwise."""
    try:
        commands = simple_commands(text)
    except NotPlainError:
        return
    for words in commands:
        for word in words:
            assert not word.spreads or any(letter in word for letter in "*?[~")
    if len(commands) == 1 and not any(word.spreads for word in commands[0]) and not set(text) & set("|;&"):
        script = f"set -f; set -- {text.lstrip()}\nprintf '%s\\0' \"$@\""
        bash = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20, check=False)
        if ">" not in text and "\n" not in text.strip():
            assert bash.stdout == "".join(f"{word}\0" for word in commands[0])


def test_declared_commands_may_run() -> None:
    """What gateway.toml vouches for runs as it is written there, and not with anything more."""
    declared = ["./scripts/monitor-system.sh", "awk '{f($1)}' x; ls", "./look.sh '~'"]
    require_reading("./scripts/monitor-system.sh", declared)
    require_reading("./scripts/monitor-system.sh | tail -1", declared)
    require_reading(declared[1], declared)
    for script in (
        "./scripts/monitor-system.sh --x",
        "./scripts/monitor-system.sh; rm x",
        "awk '{f($1)}' x",
        "./look.sh ~",
    ):
        with pytest.raises(RefusedError):
            require_reading(script, declared)


def test_daily_sections_of_the_runbook_may_run() -> None:
    """The reference runbook's daily commands run on a live host, its own script when it is declared."""
    runbook = read_runbook(RUNBOOK)
    declared = ["./scripts/monitor-system.sh"]
    for heading in ("Status dos Serviços", "Monitoramento de Recursos", "Verificação de Conectividade"):
        for command in procedure(runbook, heading).commands:
            require_reading(command.text, declared)


def _target_gateway(folder: Path) -> Gateway:
    return Gateway.model_validate({"directory": folder, "name": "g", "live": {"directory": str(folder)}})


def test_procedure_runs_with_each_command_judged(tmp_path: Path) -> None:
    """A procedure's commands run in one shell, and of those that change none has reached it."""
    with open_live("local://", _target_gateway(tmp_path)) as target:
        texts = ["echo 'it is'", "touch x", "ls missing"]
        run = run_commands(target, [Command(text, "", line, ()) for line, text in enumerate(texts)], timeout=20)
        assert [(one.exit_code, one.stdout) for one in run.commands] == [(0, "it is\n"), (None, ""), (2, "")]
        assert "touch" in run.commands[1].refused
        assert target.commands == 1
        with pytest.raises(RefusedError):
            target.run_script(f"eval {shlex.quote('touch x')}", timeout=20)
    assert not list(tmp_path.iterdir())


def test_live_http_only_reads(tmp_path: Path) -> None:
    """A request that hands in a mail is refused before it is sent."""
    with (
        open_live("local://", _target_gateway(tmp_path)) as target,
        target.http() as client,
        pytest.raises(RefusedError),
    ):
        client.post("/v1/emails", json={})


def test_missing_password_is_unknown(tmp_path: Path) -> None:
    """A password that is not where gateway.toml says is an error that names the place."""
    gateway = Gateway.model_validate(
        {"directory": tmp_path, "name": "g", "postgres": {"password": {"env": "NO_SUCH_VARIABLE"}}}
    )
    with open_live("local://", gateway) as target, pytest.raises(TargetError, match="NO_SUCH_VARIABLE"):
        target.postgres()
