"""A replica's certificate, wherever a gateway's nginx looks for one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rehearsal.replica.processes import tls
from tests.replica.conftest import ARRANGEMENTS, TINY, Isolation, open_or_skip, tiny

PLACES = (
    ("/etc/nginx/certs/full.pem", "/etc/nginx/certs/priv.pem"),
    ("/etc/letsencrypt/live/gw/fullchain.pem", '"/etc/letsencrypt/live/gw/privkey.pem"'),
    ("certs/full.pem", "certs/priv.pem"),
)


@pytest.mark.parametrize("isolation", ARRANGEMENTS)
@pytest.mark.parametrize(("certificate", "key"), PLACES)
def test_nginx_finds_it(isolation: Isolation, certificate: str, key: str, tmp_path: Path) -> None:
    """The replica answers over TLS with its own certificate; what lies or points there gives way and stays whole."""
    folder = tmp_path / "gateway"
    shutil.copytree(TINY, folder)
    settings = folder / "nginx/nginx.conf"
    text = settings.read_text()
    for old, new in (("/etc/nginx/ssl/cert.pem", certificate), ("/etc/nginx/ssl/key.pem", key)):
        assert old in text
        text = text.replace(old, new)
    settings.write_text(text)
    live = tmp_path / "live"
    live.mkdir()
    (live / "full.pem").write_text("the live certificate")
    (folder / "nginx/certs").symlink_to(live)
    with open_or_skip(tiny(folder), isolation) as replica, replica.http() as client:
        assert client.get("https://localhost/health/readyz").status_code == 200
    assert (live / "full.pem").read_text() == "the live certificate"
    assert [file.name for file in live.iterdir()] == ["full.pem"]


def test_places(tmp_path: Path) -> None:
    """Comments and variables name no file."""
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx/a.conf").write_text(
        "server { # ssl_certificate /no;\n ssl_certificate /a/b.pem; ssl_certificate_key  'c.pem' ;\n"
        " ssl_certificate $named; ssl_session_cache shared:ssl:1m; }"
    )
    assert tls.places(tiny(tmp_path)) == (
        tls.Place("/a/b.pem", is_key=False),
        tls.Place("/etc/nginx/c.pem", is_key=True),
    )
    assert tls.folders_elsewhere(tiny(tmp_path)) == ("/a",)
