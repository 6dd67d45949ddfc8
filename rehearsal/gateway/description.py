"""gateway.toml as one typed, frozen model. Unknown keys are errors; every value has an environment override."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rehearsal.gateway.dotenv_file import SECRET
from rehearsal.gateway.live_part import LivePart, ServiceName

Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[float, Field(ge=0, le=100)]
SERVICES: tuple[ServiceName, ...] = get_args(ServiceName)


class Part(BaseModel):
    """A table of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SecretSource(Part):
    """Where a secret is read from, never the secret itself: an environment variable or a file."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> SecretSource:
        if (self.env is None) == (self.file is None):
            msg = "give either env or file, the place that holds the secret"
            raise ValueError(msg)
        return self


class TargetPart(Part):
    """Where a bare `pytest -m daily` looks."""

    default: str = "replica"


class HttpPart(Part):
    """How the gateway is asked over HTTP."""

    url: str = "http://localhost"
    https_url: str = "https://localhost"
    """Empty for a gateway without TLS."""
    ca_file: Path | None = None
    liveness: str = "/health/healthz"
    readiness: str = "/health/readyz"
    submit: str = "/v1/emails"
    """Where a drill hands in a mail: POST of JSON with an `Idempotency-Key` header."""
    submit_body: dict[str, Any] = {"to": "{to}", "subject": "{subject}", "text": "{text}"}
    """The JSON of a mail, nested as the API wants it; {to}, {subject} and {text} are filled in, in any text of it."""
    submit_headers: dict[str, str] = {}
    """Sent with it, and with the question for its state. Drills run on replicas only: a key of the replica's API, never
    a live one."""
    submit_id: str = "id"
    """Where in the answer's JSON the mail's id stands: `data.id` is `{"data": {"id": ...}}`."""

    @property
    def key_headers(self) -> dict[str, str]:
        """Those of `submit_headers` that open the API, by what they are called."""
        return {name: value for name, value in self.submit_headers.items() if SECRET.search(name) and value.strip()}

    @property
    def plain_port(self) -> int:
        """Where the gateway is asked without TLS: what an authority asks on port 80 arrives there."""
        parts = urlsplit(self.url)
        return parts.port or 80 if parts.scheme == "http" else 80

    state: str = "/v1/emails/{id}"
    state_at: str = "state"
    """Where in the answer's JSON the mail's state stands, as `submit_id` says it of the id."""
    states: dict[str, Literal["queued", "sent", "failed"]] = {}
    """The API's own words for `queued`, `sent` and `failed`, where it has others: `{ delivered = "sent" }`."""
    timeout_seconds: PositiveFloat = 5
    latency_requests: PositiveInt = 20
    latency_percentile: Percent = 95


class PostgresPart(Part):
    """Where PostgreSQL is, seen from the gateway's host."""

    host: str = "localhost"
    port: Port = 5432
    user: str = "postgres"
    database: str = "email_gateway"
    password: SecretSource | None = None
    version: PositiveInt = 16
    """The major version that a replica runs."""
    changing: tuple[str, ...] = ()
    """Tables and sequences that the gateway writes by itself, such as `ops.heartbeat` or `audit.*`.

    A drill does not compare their rows, only that a table which had some has some."""
    statement_timeout_seconds: PositiveFloat = 30


class RedisPart(Part):
    """Where Redis is, seen from the gateway's host."""

    host: str = "localhost"
    port: Port = 6379
    password: SecretSource | None = None
    timeout_seconds: PositiveFloat = 5
    data: Annotated[str, Field(pattern=r"^(\./)?([\w-][\w.-]*(/[\w-][\w.-]*)*/?)?$")] = ""
    """The folder below the gateway directory that Redis sees as `/data`; empty for what a Compose file shows there."""
    changing: tuple[str, ...] = ()
    """Patterns such as `stats:*` of keys that the gateway writes by itself: a drill does not compare them."""


class QueuePart(Part):
    """The BullMQ queue of mails."""

    name: str = "email-send"
    prefix: str = "bull"
    outbox: str = "email_outbox"
    """The table in which each accepted mail has a row; empty where a job's id is no row's."""
    outbox_id: str = "id"
    """The column whose value is the id of the row's job."""
    outbox_waits: str = "state = 'queued'"
    """A condition in SQL: true of a row whose mail is still to be sent."""
    outbox_since: str = "created_at"
    """The column that tells since when."""

    @property
    def says_outbox(self) -> bool:
        """Tell whether the team itself names the table, which is more than our guess."""
        return "outbox" in self.model_fields_set and bool(self.outbox)


class ObjectivesPart(Part):
    """What operations promised."""

    rto_hours: PositiveFloat = 4
    rpo_hours: PositiveFloat = 24
    queue_age_p95_seconds: PositiveFloat = 120
    success_rate_percent: Percent = 95
    certificate_days: PositiveInt = 30
    """What a certificate must have left, where the runbook names no figure (`openssl x509 -checkend`)."""
    certificate_critical_days: PositiveInt = 7
    """With less than this a certificate is critical."""
    attempts: PositiveInt = 5
    rows_tolerance_percent: Percent = 20
    """How far a restored table of a live backup may be from the live one, where no manifest tells its rows."""

    @property
    def nearly_rpo_hours(self) -> float:
        """How old a backup may well be that is restored: not at the very edge, where minutes decide."""
        return self.rpo_hours - min(1, self.rpo_hours / 10)


class SchedulePart(Part):
    """Who makes the backups that the runbook promises at an hour."""

    crontab: Path | None = None
    """As `crontab FILE` takes it; None for a gateway whose schedule is kept elsewhere."""
    with_user: bool = False
    """Whether each entry names a user before its command, as in /etc/cron.d."""
    directory: str = ""
    """How its entries name the gateway directory; in a replica its own stands there. Empty for `live.directory`."""
    environment_file: Path | None = None
    """What its entries read passwords from, as NAME=value; a replica writes its own, and exports where it or the file
    of its name with .example, .sample or the like does."""
    grace_minutes: PositiveInt = 60
    """How long after its hour a backup may take."""


class ServicePart(Part):
    """How a replica runs one service of the gateway's own code."""

    command: tuple[str, ...]
    """`python` stands for the interpreter that runs Rehearsal."""
    directory: Path = Path()
    """Relative to the gateway directory."""
    port: Port | None = None
    environment: dict[str, str] = {}
    """Beside the DB_*, REDIS_* and SMTP_* variables that every replica sets, which may stand in it: `${DB_HOST}`."""


class ImagesPart(Part):
    """The images of a replica of containers; for a missing one stands `rehearsal/<name>`, made by `./run images`."""

    postgres: str = ""
    """Empty for `postgres:` and the version of [postgres]."""
    redis: str = "redis:8"
    nginx: str = "nginx:1.26"
    api: str = "rehearsal/app:latest"
    """A team names the image of its own code here; the command is that of [replica.services.api]."""
    worker: str = "rehearsal/app:latest"


class ReplicaPart(Part):
    """What a replica is given."""

    kind: Literal["auto", "processes", "containers"] = "auto"
    isolation: Literal["auto", "namespaces", "plain"] = "auto"
    cpus: PositiveFloat = 2
    memory_mib: PositiveInt = 1024
    disk_mib: PositiveInt = 2048
    ready_timeout_seconds: PositiveFloat = 30
    command_timeout_seconds: PositiveFloat = 120
    migrate: tuple[str, ...] = ()
    """Brings an empty database to the current schema, in the service `api`; without it, migrations/*.sql in order."""
    services: dict[Literal["api", "worker"], ServicePart] = {}
    images: ImagesPart = ImagesPart()


class WaiverPart(Part):
    """An excuse for one critical or warning, for a time."""

    check: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    approver: str = Field(min_length=1)
    expires: date


class Gateway(BaseSettings):
    """A gateway directory: what it is, where its parts are, what was promised of it.

    Each key has an environment variable: `REHEARSAL_POSTGRES__PORT` stands before `port` of `[postgres]`.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="REHEARSAL_",
        env_nested_delimiter="__",
    )

    directory: Path
    """The gateway directory itself, absolute; not a key of the file."""
    name: str
    runbook: Path = Path("RUNBOOK.md")
    language: Literal["pt", "en"] = "en"
    """Of the report."""
    target: TargetPart = TargetPart()
    http: HttpPart = HttpPart()
    postgres: PostgresPart = PostgresPart()
    redis: RedisPart = RedisPart()
    queue: QueuePart = QueuePart()
    objectives: ObjectivesPart = ObjectivesPart()
    schedule: SchedulePart = SchedulePart()
    replica: ReplicaPart = ReplicaPart()
    live: LivePart = LivePart()
    placeholders: dict[str, str] = {}
    """What a drill fills in for placeholders that it does not know; secrets never stand here."""
    waivers: tuple[WaiverPart, ...] = ()
