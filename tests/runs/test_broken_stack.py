"""A gateway that does not start: what depends on it is unknown, the reason is told once, and a report is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runs.running import Place, check_told


def break_nginx(place: Place) -> None:
    """Misspell a directive of nginx."""
    place.edit("nginx/nginx.conf", ("listen 80", "listn 80"))


def break_certificate(place: Place) -> None:
    """Name a certificate that nobody makes."""
    place.edit("nginx/nginx.conf", ("ssl/cert.pem", "ssl/other.pem"))


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


def break_worker(place: Place) -> None:
    """Name a program that there is not."""
    place.edit("gateway.toml", ('"python", "-m", "app.worker"', '"no-such-program"'))


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (break_nginx, ["expected nginx of", 'unknown directive "listn"', "nginx.conf"]),
        (break_certificate, ["expected nginx of", "cannot load certificate", "ssl/other.pem"]),
        (break_redis, ["expected redis of", "no-such-setting"]),
        (break_migration, ["bring the schema", 'relation "nowhere" does not exist']),
        (break_api, ["expected api of", "no such setting: COLOUR"]),
        (break_worker, ["programs of api and worker", "no-such-program", "[replica.services] in gateway.toml"]),
    ],
)
def test_stack_that_does_not_start_is_told_once(
    place: Place, breaks: Callable[[Place], None], words: list[str]
) -> None:
    """Checks and drills are all unknown with the server's last words, which the terminal tells once and keeps short."""
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
