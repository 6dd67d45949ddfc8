"""A gateway whose Compose file shows nginx files that lie elsewhere than in ./nginx and ./ssl."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

import pytest

from rehearsal.gateway import nginx_files
from rehearsal.replica.protocol import ReplicaError
from tests.replica.conftest import KINDS, TINY, of_kind, tiny, tiny_composed

COMPOSE = """services:
  edge:
    image: nginx:1.27
    volumes:
      - ./deploy/web.conf:/etc/nginx/conf.d/default.conf:ro
      - ./certs:/etc/nginx/certs:ro
      - type: bind
        source: ./challenges
        target: /var/www/acme/
      - ./web-logs:/var/log/nginx
      - caches:/var/cache/nginx
"""
SERVER = """server {
    listen 80;
    listen 443 ssl;
    ssl_certificate /etc/nginx/certs/full.pem;
    ssl_certificate_key certs/private.pem;
    location /.well-known/acme-challenge/ { root /var/www/acme; }
    location / { proxy_pass http://api:3000/v1/; }
}
"""


def elsewhere(folder: Path) -> Path:
    """Make the tiny gateway with nothing but a server's file, shown by the Compose file: the rest is the image's."""
    made = tiny_composed(folder, COMPOSE)
    shutil.rmtree(made / "nginx")
    (made / "deploy").mkdir()
    (made / "deploy/web.conf").write_text(SERVER)
    live = folder.parent / "live"
    live.mkdir()
    for name in ("full.pem", "private.pem"):
        (live / name).write_text("the live one")
    (made / "certs").symlink_to(live)
    (made / "challenges").mkdir()
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_nginx_reads_what_it_is_shown(kind: str, tmp_path: Path) -> None:
    """It serves, over TLS too, answers a challenge that is put on the host, and logs to it; live keys stay whole."""
    folder = elsewhere(tmp_path / "gateway")
    with of_kind(kind, folder) as replica:
        with replica.http() as client:
            assert client.get("https://localhost/health/readyz").status_code == 200
            put = replica.run_script(
                "mkdir -p challenges/.well-known/acme-challenge"
                " && echo answer > challenges/.well-known/acme-challenge/asked && chmod -R a+rX challenges",
                timeout=30,
            )
            assert put.ok, put.stderr
            assert client.get("/.well-known/acme-challenge/asked").text == "answer\n"
        logged = replica.run_script("cat web-logs/access.log", timeout=30)
        assert "acme-challenge/asked" in logged.stdout, logged.stderr
        assert "the live one" not in replica.run_script("cat certs/*", timeout=30).stdout
    assert {file.name: file.read_text() for file in (tmp_path / "live").iterdir()} == {
        "full.pem": "the live one",
        "private.pem": "the live one",
    }


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/etc/nginx/nginx.conf", "nginx/nginx.conf"),
        ("/etc/nginx/conf.d/default.conf", "deploy/web.conf"),
        ("/etc/nginx/certs/full.pem", "certs/full.pem"),
        ("/etc/nginx/ssl/cert.pem", "ssl/cert.pem"),
        ("/var/www/acme", "challenges"),
        ("/var/cache/nginx/one", None),
        ("/etc/nginxes", None),
    ],
)
def test_where_a_file_of_nginx_lies(path: str, own: str | None, tmp_path: Path) -> None:
    """The longest place that is shown counts; a volume is no folder of the gateway."""
    gateway = tiny(elsewhere(tmp_path / "gateway"))
    assert nginx_files.place_of(gateway, path) == (PurePosixPath(own) if own else None)


def test_settings_are_those_that_are_shown(tmp_path: Path) -> None:
    """Comments and keys are none."""
    folder = elsewhere(tmp_path / "gateway")
    (folder / "deploy/web.conf").write_text("listen 80; # listen 81;\n")
    assert list(nginx_files.settings_of_nginx(tiny(folder))) == ["listen 80; \n"]
    assert list(nginx_files.settings_of_nginx(tiny(TINY)))


def test_gateway_without_settings_of_nginx_is_one_sentence(tmp_path: Path) -> None:
    """Nothing is guessed: no file, no replica."""
    folder = tiny_composed(tmp_path / "gateway", "services:\n  web:\n    image: nginx\n")
    shutil.rmtree(folder / "nginx")
    with pytest.raises(ReplicaError, match=r"expected nginx/nginx\.conf in .*, found none, nor a Compose file"):
        of_kind("plain", folder)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("mount", "file", "whole"),
    [
        ("./nginx:/etc/nginx/conf.d:ro", "nginx/gateway.conf", False),
        ("./config/nginx:/etc/nginx", "config/nginx/nginx.conf", True),
        ("./web/certs:/etc/nginx/ssl", "nginx/conf.d/gateway.conf", False),
    ],
    ids=["a part of it", "all of it", "its keys"],
)
def test_folder_of_nginx_elsewhere(kind: str, mount: str, file: str, *, whole: bool, tmp_path: Path) -> None:
    """What is shown as /etc/nginx, as a part of it or in it, is what nginx reads; the rest is its image's."""
    folder = tiny_composed(tmp_path / "gateway", f"services:\n  nginx:\n    image: nginx\n    volumes: ['{mount}']\n")
    text = (folder / "nginx/nginx.conf").read_text()
    shutil.rmtree(folder / "nginx")
    (folder / file).parent.mkdir(parents=True)
    (folder / file).write_text(text if whole else text[text.index("    server {") : text.rindex("}")])
    with of_kind(kind, folder) as replica, replica.http() as client:
        assert client.get("https://localhost/health/readyz").status_code == 200
        if "certs" in mount:
            assert "BEGIN CERTIFICATE" in replica.run_script("cat web/certs/cert.pem", timeout=30).stdout


TEMPLATES = """services:
  nginx:
    image: nginx:1.27
    environment:
      - SERVER_NAME=${DOMAIN}
      - HANDED_TO=${UPSTREAM:-http://api:3000/v1/}
      - WEB_TOKEN=${WEB_TOKEN}
    volumes: ["./web/templates:/etc/nginx/templates:ro"]
"""


@pytest.mark.parametrize("kind", KINDS)
def test_templates_are_filled_in_as_the_image_does(kind: str, tmp_path: Path) -> None:
    """Variables of its container are filled in but for live secrets, `$host` and the like are nginx' own."""
    folder = tiny_composed(tmp_path / "gateway", TEMPLATES)
    shutil.rmtree(folder / "nginx")
    (folder / ".env").write_text("DOMAIN=mail.example.com\nWEB_TOKEN=the-live-one\n")
    (folder / "web/templates").mkdir(parents=True)
    text = SERVER.replace("certs/full.pem", "ssl/cert.pem").replace("certs/private.pem", "ssl/key.pem")
    text = text.replace("http://api:3000/v1/;", "${HANDED_TO};\n add_header X-Of $host-${SERVER_NAME}-${WEB_TOKEN};")
    (folder / "web/templates/gateway.conf.template").write_text(text)
    with of_kind(kind, folder) as replica, replica.http() as client:
        answer = client.get("https://localhost/health/readyz")
        assert (answer.status_code, answer.headers["x-of"]) == (200, "localhost-mail.example.com-localhost")


LACKED = """    location = /nginx_status { stub_status; access_log off; }
    gzip_static on;
    # gzip_static always;
    listen 443 quic reuseport;
"""


@pytest.mark.parametrize("kind", KINDS)
def test_nginx_of_wheels_starts_without_what_it_lacks(kind: str, tmp_path: Path) -> None:
    """Settings for modules that it was built without are left out of the copy; what was written stays as it was."""
    folder = elsewhere(tmp_path / "gateway")
    (folder / "deploy/web.conf").write_text(SERVER.replace("    listen 80;\n", f"    listen 80;\n{LACKED}"))
    with of_kind(kind, folder) as replica, replica.http() as client:
        assert client.get("https://localhost/health/readyz").status_code == 200
        assert "Active connections" in client.get("http://localhost/nginx_status").text
    assert "stub_status" in (folder / "deploy/web.conf").read_text()
