"""A daily run over a stack that plays the live one: it is looked at, and afterwards it is what it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from rehearsal.snapshot import Difference
from tests.runs.running import Place, Run
from tests.safety.stack import Stack

OUTSIDE = (
    "test_health_endpoint[liveness-https]",
    "test_postgres_answers",
    "test_redis_takes_a_write",
    "test_queue_age",
)
"""Checks that need no Docker on the host."""
PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >> "$(dirname "$0")/../asked"
echo 'no engine here' >&2
exit 1
"""


def make_live(place: Place, stack: Stack) -> None:
    """Describe the stack as the live gateway, reached from here."""
    web = stack.servers.blueprint.ports.web
    (place.gateway / "ssl").mkdir()
    (place.gateway / "ssl" / "ca.pem").write_text(stack.servers.blueprint.certificate.certificate)
    place.edit(
        "gateway.toml",
        ("port = 5432", f"port = {stack.postgres_port}"),
        ("port = 6379", f"port = {stack.redis_port}"),
        ('url = "http://localhost"', f'url = "http://localhost:{web[80]}"'),
        ('https_url = "https://localhost"', f'https_url = "https://localhost:{web[443]}"'),
        ("# ca_file =", "ca_file ="),
        ('reach = "ssh"', 'reach = "direct"'),
        ('directory = "."                 # this', f'directory = "{place.gateway}" # this'),
    )
    programs = place.gateway.with_name("programs")
    programs.mkdir()
    for name in ("docker", "docker-compose"):
        (programs / name).write_text(PROGRAM)
        (programs / name).chmod(0o755)


def look(place: Place, stack: Stack, *arguments: str) -> Run:
    """Run over this machine, on whose PATH a docker stands first that notes what it is asked."""
    path = f"{place.gateway.with_name('programs')}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    return place.rehearse(
        "--hosts=local://", *arguments, environment={"GATEWAY_DB_PASSWORD": stack.password, "PATH": path}
    )


def test_daily_run_leaves_the_live_stack_as_it_was(place: Place, stack: Stack) -> None:
    """Every daily check looks at the live stack, and rows, definitions, keys and jobs are the same afterwards."""
    make_live(place, stack)
    before = stack.take()
    run = look(place, stack, "-m", "daily")
    assert stack.changes(before) == []
    assert len(run.results) >= 27
    # What is read from the document alone has looked at no host.
    assert {one["target"] for one in run.report["results"]} == {"local://", ""}
    assert {name: run.results[name]["outcome"] for name in OUTSIDE} == dict.fromkeys(OUTSIDE, "ok"), run.text


def test_drills_beside_a_live_host_run_on_replicas(place: Place) -> None:
    """`-m drill` with a live host breaks replicas of this run, and the report says so of each result."""
    run = place.rehearse("--hosts=local://", "checks/backups/test_restore_redis.py", "-k", "total-loss")
    (result,) = run.report["results"]
    assert result["outcome"] == "ok", run.text
    assert result["target"].startswith("replica of reference (")
    assert {row["name"].partition(" (")[0]: bool(row["counts"]) for row in run.report["run"]["targets"]} == {
        "local://": False,
        "replica of reference": True,
    }
    assert run.text.strip().splitlines()[-1].startswith("replica of reference (")


SMUGGLED = (
    "df -h; rm -rf {place}",
    "df -h && rm -rf {place}",
    "df -h | tee {place}/smuggled",
    "df -h > {place}/smuggled",
    "df -h $(rm -rf {place})",
    "df -h `rm -rf {place}`",
    "df -h <(rm -rf {place})",
    "docker-compose exec -T postgres psql -U postgres -d email_gateway -c 'DROP TABLE precious'",
    "docker-compose exec -T postgres psql -U postgres -d email_gateway -c 'SELECT 1; DROP TABLE precious'",
    "psql -h 127.0.0.1 -p {postgres} -U postgres -d email_gateway -c 'DROP TABLE precious'",
    "docker-compose exec -T redis redis-cli FLUSHALL",
    "redis-cli -p {redis} FLUSHALL",
    "docker-compose ps; redis-cli -p {redis} FLUSHALL",
    "docker-compose restart api",
    "curl -fsS -X POST http://localhost/v1/emails",
    "find {place} -delete",
    "xargs rm -rf < {place}/RUNBOOK.md",
    "bash -c 'rm -rf {place}'",
    "PATH={place}:$PATH docker-compose ps",
)


@dataclass(frozen=True)
class Smuggled:
    """A run by a runbook whose daily section has all of them."""

    findings: list[dict[str, str]]
    outcome: str
    lines: list[int]
    changes: list[Difference]
    changed_files: set[str]
    asked: str
    """What the docker of the host was asked."""


@pytest.fixture(scope="module")
def smuggled(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Smuggled:
    """Run the commands of a section that would each change the host."""
    place = Place(tmp_path_factory.mktemp("smuggled"))
    make_live(place, stack)
    given = {"place": place.gateway, "postgres": stack.postgres_port, "redis": stack.redis_port}
    commands = [command.format(**given) for command in SMUGGLED]
    place.edit("RUNBOOK.md", ("docker stats --no-stream\n", "\n".join(commands) + "\n"))
    written = (place.gateway / "RUNBOOK.md").read_text().splitlines()
    files, before = _files(place.gateway), stack.take()
    run = look(place, stack, "-m", "daily", "-k", "test_commands_work and resources")
    result = run.results["test_commands_work[resources]"]
    asked = place.gateway.with_name("asked")
    return Smuggled(
        result["findings"],
        result["outcome"],
        [1 + written.index(command) for command in commands],
        stack.changes(before),
        {name for name, _ in files ^ _files(place.gateway)},
        asked.read_text() if asked.exists() else "",
    )


@pytest.mark.parametrize("number", range(len(SMUGGLED)), ids=SMUGGLED)
def test_what_changes_something_is_refused(number: int, smuggled: Smuggled) -> None:
    """A command of a daily section that could change the host is not run: unknown, with its heading and line."""
    place = f"(RUNBOOK.md:{smuggled.lines[number]})"
    (told,) = [one for one in smuggled.findings if place in one["source"]]
    assert told["outcome"] == "unknown"
    assert "was not run" in told["message"]
    assert "Monitoramento de Recursos" in told["source"]
    assert "live.read_only" in told["action"]


def test_refused_commands_have_changed_nothing(smuggled: Smuggled) -> None:
    """After all of them the stores and the files of the host are what they were, and the check is not green."""
    assert smuggled.outcome == "unknown"
    assert smuggled.changes == []
    assert smuggled.changed_files == set()
    assert "exec" not in smuggled.asked
    assert "restart" not in smuggled.asked


def test_command_that_gateway_toml_declares_is_run(place: Place, stack: Stack) -> None:
    """What only reads, and is listed as such, runs on the live host, and how it ends counts."""
    make_live(place, stack)
    place.edit("RUNBOOK.md", ("docker stats --no-stream\n", "./scripts/look.sh\n"))
    place.edit("gateway.toml", ("read_only = []", 'read_only = ["./scripts/look.sh", "./scripts/monitor-system.sh"]'))
    for name, text in (("look.sh", "echo looked\n"), ("monitor-system.sh", "echo fine\n")):
        (place.gateway / "scripts" / name).write_text(f"#!/bin/sh\n{text}")
        (place.gateway / "scripts" / name).chmod(0o755)
    run = look(place, stack, "-m", "daily", "-k", "test_commands_work and resources")
    result = run.results["test_commands_work[resources]"]
    assert result["outcome"] == "ok", run.text
    assert [one["stdout"] for one in result["evidence"]] == ["fine\n", "looked\n"]
    (place.gateway / "scripts" / "look.sh").write_text("#!/bin/sh\nexit 3\n")
    broken = look(place, stack, "-m", "daily", "-k", "test_commands_work and resources")
    assert broken.results["test_commands_work[resources]"]["outcome"] == "critical"


def _files(folder: Path) -> set[tuple[str, bytes]]:
    return {(str(path.relative_to(folder)), path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
