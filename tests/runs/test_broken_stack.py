"""A gateway that does not start: what depends on it is unknown, the reason is told once, and a report is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runs.running import Place, check_told


def break_nginx(place: Place) -> None:
    """Misspell a directive of nginx."""
    place.edit("nginx/nginx.conf", ("listen 80", "listn 80"))


def break_certificate(place: Place) -> None:
    """Name one file for certificate and key."""
    place.edit("nginx/nginx.conf", ("ssl/key.pem", "ssl/cert.pem"))


def break_redis(place: Place) -> None:
    """Give Redis a setting that it does not know."""
    path = place.gateway / "redis" / "redis.conf"
    path.write_text(path.read_text() + "\nno-such-setting yes\n")


def break_migration(place: Place) -> None:
    """Add a migration that can't be applied."""
    (place.gateway / "migrations" / "9999_bad.sql").write_text("ALTER TABLE nowhere ADD COLUMN x int;\n")


def break_api(place: Place) -> None:
    """Let the API end at once."""
    (place.gateway / "app" / "api.py").write_text('raise SystemExit("no such setting: COLOUR")\n')


def end_worker(place: Place) -> None:
    """Let the worker end at once."""
    (place.gateway / "app" / "worker.py").write_text('raise SystemExit("no such queue: BLUE")\n')


def break_worker(place: Place) -> None:
    """Name a program that there is not."""
    place.edit("gateway.toml", ('"python", "-m", "app.worker"', '"no-such-program"'))


@pytest.mark.parametrize(
    ("breaks", "service", "words"),
    [
        (break_nginx, "nginx", ["expected nginx of", 'unknown directive "listn"', "nginx.conf"]),
        (break_certificate, "nginx", ["expected nginx of", "cannot load certificate", "ssl/cert.pem"]),
        (break_redis, "redis", ["expected redis of", "no-such-setting"]),
        (break_api, "api", ["expected api of", "no such setting: COLOUR"]),
        (end_worker, "worker", ["expected worker of", "no such queue: BLUE"]),
    ],
)
def test_service_that_does_not_start_is_found_beside_those_that_do(
    place: Place, breaks: Callable[[Place], None], service: str, words: list[str]
) -> None:
    """The checks judge what runs, and find what does not; drills, which need the whole, are unknown with its words."""
    breaks(place)
    run = place.rehearse()
    check_told(run, *words)
    assert run.status == 1
    found = {one["node_id"].partition("::")[2]: one for one in run.report["results"]}
    drills = [one for one in run.report["results"] if "_comes_back" in one["node_id"]]
    assert {one["node_id"].rpartition("/")[2].partition("::")[0] for one in drills} == {
        "test_restore_postgres.py",
        "test_restore_redis.py",
        "test_service_failure.py",
    }
    assert {one["outcome"] for one in drills} == {"unknown"}
    assert [word for word in words if word not in drills[0]["message"]] == []
    assert found[f"test_service_up[{service}]"]["outcome"] == "critical"
    others = {"nginx", "api", "worker", "postgres", "redis"} - {service}
    assert {found[f"test_service_up[{other}]"]["outcome"] for other in others} <= {"ok", "warning"} | (
        # Without Redis, who needs it may restart.
        {"critical"} if service == "redis" else set()
    )
    assert found["test_postgres_answers"]["outcome"] == "ok"
    assert any(note.startswith("The replica came up in part: ") for note in run.report["run"]["notes"])
    assert words[0] in (run.latest / "report.html").read_text()


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (break_migration, ["bring the schema", 'relation "nowhere" does not exist']),
        (break_worker, ["programs of api and worker", "no-such-program", "[replica.services] in gateway.toml"]),
    ],
)
def test_gateway_that_can_t_be_made_is_told_once(
    place: Place, breaks: Callable[[Place], None], words: list[str]
) -> None:
    """Checks and drills are all unknown with the reason, which the terminal tells once and keeps short."""
    breaks(place)
    run = place.rehearse()
    check_told(run, *words)
    assert run.status == 1
    needing = [one for one in run.report["results"] if words[0] in one["message"]]
    assert len(needing) >= 25
    assert {"test_redis_comes_back[total-loss]", "test_cpu"} <= run.results.keys()
    assert {one["outcome"] for one in needing} == {"unknown"}
    assert len({one["message"] for one in needing}) == 1
    assert [word for word in words if word not in needing[0]["message"]] == []
    # Once where it is told, and once more, cut short, in the last line.
    assert 1 <= " ".join(run.text.split()).count(words[0]) <= 2
    assert f"{len(needing) - 1} more checks are unknown for a reason that is told above" in run.text
    assert len(run.text.splitlines()) < 2 * len(needing) + 30
    assert words[0] in (run.latest / "report.html").read_text()


def test_missing_authority_does_not_matter_to_a_replica(place: Place) -> None:
    """A replica signs its own certificate: the live gateway's authority may be missing, and its checks still run."""
    place.edit("gateway.toml", ('# ca_file = "ssl/ca.pem"', 'ca_file = "ssl/ca.pem"'))
    run = place.rehearse("-k", "test_health_endpoint")
    assert run.status == 0, run.text
    assert [one["outcome"] for one in run.report["results"]] == ["ok"] * 4
