"""The environments of a replica: the operator's, and those of its services."""

from __future__ import annotations

from string import Template

from rehearsal.gateway.aliases import called, with_one_image
from rehearsal.gateway.description import SecretSource
from rehearsal.replica.processes import visible
from rehearsal.replica.processes.blueprint import Blueprint

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def base(drawn: Blueprint) -> dict[str, str]:
    """Return what every process of a replica gets."""
    own = (f"{drawn.root}/run/rehearsal/bin", drawn.postgres_programs, drawn.programs.python.parent)
    folders = (*own, *visible.runtimes(drawn.gateway), _PATH)
    return {
        "PATH": ":".join(map(str, folders)),
        "HOME": f"{drawn.root}/home/operator",
        "TMPDIR": f"{drawn.root}/tmp",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "REHEARSAL_CONTROL": f"{drawn.root}/run/rehearsal/control",
        "REHEARSAL_PROJECT": drawn.project,
        "REHEARSAL_ROOT": drawn.root,
        "REHEARSAL_ONE_IMAGE": " ".join(with_one_image(drawn.gateway)),
        "REHEARSAL_CALLED": " ".join(
            f"{service}={one.service},{one.container}" for service, one in called(drawn.gateway).items()
        ),
    }


def addresses(drawn: Blueprint, postgres: str, redis: str, smtp: str) -> dict[str, str]:
    """Return where the stores and the mail server are, by the names that one side knows them by."""
    here = "127.0.0.1" if drawn.root else ""
    return {
        **named(drawn.gateway.postgres.password, drawn.secrets.postgres),
        **named(drawn.gateway.redis.password, drawn.secrets.redis),
        "DB_HOST": here or postgres,
        "DB_PORT": str(drawn.ports.postgres),
        "DB_USER": drawn.gateway.postgres.user,
        "DB_NAME": drawn.gateway.postgres.database,
        "DB_PASSWORD": drawn.secrets.postgres,
        "REDIS_HOST": here or redis,
        "REDIS_PORT": str(drawn.ports.redis),
        "REDIS_PASSWORD": drawn.secrets.redis,
        "SMTP_HOST": here or smtp,
        "SMTP_PORT": str(drawn.ports.smtp),
    }


def named(source: SecretSource | None, secret: str) -> dict[str, str]:
    """Return a replica's password under the variable that holds the live one, where gateway.toml names one."""
    return {source.env: secret} if source is not None and source.env else {}


def filled(given: dict[str, str], known: dict[str, str]) -> dict[str, str]:
    """Return variables of gateway.toml with each `${NAME}` that a replica knows replaced; others stay."""
    return {name: Template(value).safe_substitute(known) for name, value in given.items()}


def operator(drawn: Blueprint) -> dict[str, str]:
    """Return the environment of the operator's shell."""
    trusted = f"{drawn.directory}/ssl/cert.pem"
    return {
        **base(drawn),
        **addresses(drawn, "localhost", "localhost", "localhost"),
        "USER": "operator",
        "LOGNAME": "operator",
        "SHELL": "/bin/bash",
        "TERM": "dumb",
        # The certificate is the replica's own; a live one is signed by somebody whom curl knows.
        "CURL_CA_BUNDLE": trusted,
        "SSL_CERT_FILE": trusted,
        "REHEARSAL_REDIS_PORT": str(drawn.ports.redis),
    }
