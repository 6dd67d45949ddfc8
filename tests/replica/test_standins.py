"""What stands in for Docker inside a process replica."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from rehearsal.gateway.procedure import has_no_meaning
from rehearsal.gateway.target import CommandRun
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.processes.replica import ProcessReplica
from tests.replica.conftest import of_kind, tiny_composed

COMPOSES = ("docker-compose", "docker compose")


def run(replica: ProcessReplica, script: str) -> CommandRun:
    """Run a script with time enough."""
    return replica.run_script(script, timeout=60)


@pytest.mark.parametrize("compose", COMPOSES)
def test_ps_shows_each_service(shared: ProcessReplica, compose: str) -> None:
    """`ps` has a row for each of the five services, all up, the mail sink not among them."""
    shown = run(shared, f"{compose} ps")
    heading, *rows = shown.stdout.splitlines()
    assert heading.split() == ["NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"]
    assert sorted(row.split()[0] for row in rows) == [
        f"tiny-{name}-1" for name in ("api", "nginx", "postgres", "redis", "worker")
    ]
    assert all(" Up " in row for row in rows)


def test_ps_as_json_is_an_object_a_line(shared: ProcessReplica) -> None:
    """`ps --format json` writes one object a line, as Compose 2 does."""
    rows = [json.loads(line) for line in run(shared, "docker-compose ps --format json").stdout.splitlines()]
    assert {row["Service"]: (row["State"], row["Health"]) for row in rows} == {
        "api": ("running", "healthy"),
        "nginx": ("running", "healthy"),
        "postgres": ("running", "healthy"),
        "redis": ("running", "healthy"),
        "worker": ("running", ""),
    }


def test_ps_of_a_status_names_no_others(shared: ProcessReplica) -> None:
    """A script that asks whether a service runs gets nothing for one that does not, in whatever form it asks."""
    running = run(shared, "docker-compose ps --status running -q api").stdout
    assert running == run(shared, "docker-compose ps -q api").stdout != ""
    for asked in ("--status exited -q api", "--status=paused --services", "--filter status=exited -q"):
        assert run(shared, f"docker-compose ps {asked}").stdout == ""


def test_exec_streams_megabytes_both_ways(shared: ProcessReplica) -> None:
    """What is piped into `exec -T` arrives whole in the service, and what it writes comes back whole."""
    made = "head -c 30000000 /dev/zero | tr '\\0' 'r'"
    seen = run(shared, f"{made} | docker-compose exec -T postgres cat | sha256sum")
    assert seen.ok
    assert seen.stdout.split()[0] == hashlib.sha256(b"r" * 30_000_000).hexdigest()


def test_exec_has_the_service_environment(shared: ProcessReplica) -> None:
    """In `postgres` psql needs no password and no host; `-e` and `-w` reach the command; its status comes back."""
    assert run(shared, "docker-compose exec -T postgres psql -U postgres -Atc 'SELECT 1'").stdout == "1\n"
    assert run(shared, "docker-compose exec postgres pg_isready -U postgres").ok
    seen = run(shared, "docker exec -it -e WORD=a=b -w app tiny-api-1 sh -c 'echo $WORD; ls; exit 9'")
    assert seen.stdout.split() == ["a=b", "__init__.py", "api.py", "worker.py"]
    assert seen.exit_code == 9


def test_exec_in_what_does_not_run(fresh: ProcessReplica) -> None:
    """`exec` in a stopped or unknown service, or of an unknown program, fails as Docker's does."""
    run(fresh, "docker-compose stop worker")
    for script, words, code in (
        ("docker-compose exec -T worker true", 'service "worker" is not running', 1),
        ("docker-compose exec -T mailer true", "no such service: mailer", 1),
        ("docker exec mailer true", "No such container: mailer", 1),
        ("docker-compose exec -T api no-such-program", "executable file not found in $PATH", 127),
    ):
        seen = run(fresh, script)
        assert (words in seen.stderr, seen.exit_code) == (True, code), script


def test_stop_start_and_their_trace(fresh: ProcessReplica) -> None:
    """A stopped service disappears from `ps`, stands in `ps -a` with its exit, and comes back by `start`."""
    assert run(fresh, "docker-compose stop redis worker").ok
    assert "redis" not in run(fresh, "docker-compose ps").stdout
    assert "Exited (0)" in run(fresh, "docker-compose ps -a redis").stdout
    assert run(fresh, "docker-compose up -d").ok
    # A worker that comes up before its Redis ends, and is started again.
    services = wait_until(
        lambda: sorted(run(fresh, "docker-compose ps --services").stdout.split()),
        lambda seen: "worker" in seen,
        what="all services",
        timeout=20,
    )
    assert services == ["api", "nginx", "postgres", "redis", "worker"]


def test_kill_by_hand_is_not_restarted(fresh: ProcessReplica) -> None:
    """`docker kill` is an operator's wish: the restart policy leaves the service down, with exit 137."""
    assert run(fresh, "docker kill tiny-worker-1").stdout == "tiny-worker-1\n"
    assert (
        run(fresh, "sleep 0.5; docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' worker").stdout
        == "exited 137\n"
    )


def test_signal_of_choice(fresh: ProcessReplica) -> None:
    """`kill -s HUP` reaches the process, which goes on."""
    before = run(fresh, "docker inspect --format '{{.State.Pid}}' nginx").stdout
    assert run(fresh, "docker-compose kill -s HUP nginx").ok
    after = run(fresh, "sleep 0.2; docker inspect --format '{{.State.Pid}} {{.State.Health.Status}}' nginx").stdout
    assert after == before.strip() + " healthy\n"


def test_logs_with_prefix_and_tail(shared: ProcessReplica) -> None:
    """`logs` of several services says whose line it is; `--tail` counts for each of them."""
    lines = run(shared, "docker-compose logs --no-color --tail=1 postgres redis").stdout.splitlines()
    assert [line.split("|")[0].strip() for line in lines] == ["postgres-1", "redis-1"]
    assert len(run(shared, "docker logs --tail 3 redis").stdout.splitlines()) == 3


def test_logs_followed_until_ended(shared: ProcessReplica) -> None:
    """`logs -f` goes on: a line written later is shown."""
    seen = run(
        shared,
        "docker-compose logs -f --tail=0 nginx > followed & sleep 1;"
        " curl -s -o /dev/null http://localhost/later; sleep 1; kill $!; cat followed; rm followed",
    )
    assert "GET /later" in seen.stdout


def test_stats_in_table_and_format(shared: ProcessReplica) -> None:
    """`stats --no-stream` has a row for each service, and fills a template."""
    heading, *rows = run(shared, "docker stats --no-stream").stdout.splitlines()
    assert heading.startswith("CONTAINER ID   NAME")
    assert len(rows) == 5
    assert all("/ 512MiB" in row for row in rows)
    one = run(shared, "docker stats --no-stream --format '{{.Name}}={{.PIDs}}' redis").stdout
    assert one == "tiny-redis-1=1\n"


def test_what_has_no_meaning_says_so(shared: ProcessReplica) -> None:
    """What acts on images, volumes or containers as such is exit 125, one sentence, and remembered."""
    before = len(shared.unsupported_commands())
    for script in (
        "docker rmi tiny-api",
        "docker-compose pull",
        "docker compose push api",
        "docker volume rm tiny_postgres",
    ):
        seen = run(shared, script)
        assert seen.exit_code == 125
        assert "has no meaning in a replica of plain processes" in seen.stderr
    assert list(shared.unsupported_commands())[before:] == [
        "docker rmi tiny-api",
        "docker-compose pull",
        "docker-compose push api",
        "docker volume rm tiny_postgres",
    ]


def test_prune_takes_a_stopped_container(shared: ProcessReplica) -> None:
    """A container that is stopped goes with `prune`: `start` finds none, and `up` makes it anew."""
    assert (
        run(shared, "docker-compose stop worker && docker container prune -f").stdout.splitlines()[1] == "tiny-worker-1"
    )
    assert "worker" not in run(shared, "docker-compose ps -a --services").stdout.split()
    seen = run(shared, "docker-compose start worker")
    assert (seen.exit_code, seen.stderr.splitlines()[-1]) == (1, 'service "worker" has no container to start')
    assert run(shared, "docker-compose up -d worker && docker-compose start worker").ok
    assert "worker" in run(shared, "docker-compose ps --services").stdout.split()


def test_build_has_up_start_it_anew(shared: ProcessReplica) -> None:
    """After `build`, `up` starts the service with the code of the folder; without it a running one goes on."""
    pid = "docker inspect -f '{{.State.Pid}}' api"
    first = run(shared, pid).stdout
    assert run(shared, "docker-compose up -d api").ok
    assert run(shared, pid).stdout == first
    built = run(shared, "docker-compose build api redis && docker-compose up -d api")
    assert (built.exit_code, "api: nothing to build" in built.stderr) == (0, True)
    assert run(shared, pid).stdout != first


def test_one_image_is_new_for_all_that_run_it(tmp_path: Path) -> None:
    """Where two services are made from the image that is built for one, `up` starts both with the new code."""
    folder = tiny_composed(
        tmp_path / "gateway",
        "services:\n  http: {build: ., image: 'own:1'}\n  sender: {image: 'own:1'}\n  db: {image: 'postgres:17'}\n",
    )
    with of_kind("plain", folder) as replica:
        pids = "docker inspect -f '{{.State.Pid}}' http sender db"
        first = replica.run_script(pids, timeout=10).stdout.split()
        built = replica.run_script("docker-compose build http && docker-compose up -d", timeout=30)
        assert built.ok, built.stderr
        now = replica.run_script(pids, timeout=10).stdout.split()
        assert [one == other for one, other in zip(first, now, strict=True)] == [False, False, True]


def test_down_takes_volumes_only_if_it_is_told_to() -> None:
    """`down` leaves the stores' data to the next `up`; with `-v` there is none any more."""
    asked = 'docker-compose exec -T postgres psql -U "$DB_USER" -d "$DB_NAME" -Atc "SELECT'
    # `up -d` waits for no server, and a cluster that is made anew is not there at once.
    rows = f'for _ in $(seq 100); do {asked} 1" 2>/dev/null && break; sleep 0.2; done; {asked} count(*) FROM notes"'
    with of_kind("plain") as replica:
        kept = replica.run_script(f"docker-compose down && docker-compose up -d && {{ {rows}; }}", timeout=60)
        assert kept.ok, kept.stderr
        gone = replica.run_script(f"docker-compose down -v && docker-compose up -d && {{ {rows}; }}", timeout=60)
        assert not gone.ok
        assert 'relation "notes" does not exist' in gone.stderr


def test_unknown_option_is_refused(shared: ProcessReplica) -> None:
    """An option that the stand-in does not know is an error, never left out in silence."""
    seen = run(shared, "docker-compose stop --purge-everything api")
    assert seen.exit_code == 1
    assert "--purge-everything" in seen.stderr
    # It says nothing of the runbook, whose Docker may know it.
    assert has_no_meaning(seen)
    assert shared.services()[1].running


def test_copy_both_ways(shared: ProcessReplica) -> None:
    """`cp` reaches a path as the service sees it, in either direction."""
    seen = run(
        shared,
        "docker cp redis:/data/appendonlydir ./copied && ls copied && docker-compose cp copied redis:/data/back"
        " && ls redis-data/back && rm -r copied redis-data/back",
    )
    assert seen.exit_code == 0, seen.stderr
    assert (
        seen.stdout.split() == ["appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof", "appendonly.aof.manifest"] * 2
    )


def test_nginx_tests_and_reloads(shared: ProcessReplica) -> None:
    """`exec nginx nginx -t` and `-s reload` find the gateway's configuration."""
    assert "test is successful" in run(shared, "docker-compose exec nginx nginx -t").stderr
    assert run(shared, "docker-compose exec nginx nginx -s reload").ok
    with shared.http() as client:
        assert client.get("/health/readyz").status_code == 200
