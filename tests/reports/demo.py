"""A run report with everything in it that a report can show: for tests, and for looking at the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

from rehearsal.results.judge import measure, sentence
from rehearsal.results.model import (
    CommandEvidence,
    Coverage,
    CoveredLine,
    DifferenceEvidence,
    Finding,
    Measurement,
    Observation,
    Outcome,
    Result,
    RunInfo,
    RunReport,
    Waiver,
)
from rehearsal.results.redaction import Redactor

STARTED = datetime(2026, 11, 23, 2, 0, 5, tzinfo=UTC)
RESTORE = "checks/backups/test_restore_redis.py::test_redis_comes_back[total loss]"
DISK = "checks/monitoring/test_resources.py::test_disk"
LATENCY = "checks/monitoring/test_latency.py::test_api_latency"
SERVICES = "checks/monitoring/test_services.py::test_services_are_up"
POSTGRES = "checks/backups/test_restore_postgres.py::test_postgres_comes_back[total loss]"
CERTIFICATE = "checks/maintenance/test_certificates.py::test_certificate_is_valid"
PRUNE = "checks/maintenance/test_logs.py::test_prune_keeps_data"
MEMORY = "checks/monitoring/test_resources.py::test_memory"

_HEADINGS = (
    (1, "Email Gateway - Runbook de Operação"),
    (2, "Monitoramento do Sistema"),
    (3, "Verificações Diárias"),
    (4, "1. Status dos Serviços"),
    (4, "2. Monitoramento de Recursos"),
    (4, "3. Verificação de Conectividade"),
    (3, "Alertas e Thresholds"),
    (2, "Backups e Recuperação"),
    (3, "Procedimentos de Recuperação"),
    (4, "Restaurar PostgreSQL"),
    (4, "Restaurar Redis"),
    (2, "Manutenção Preventiva"),
    (4, "Limpeza Manual"),
    (4, "Verificar Validade"),
    (2, "Procedimentos de Emergência"),
    (4, "Suspeita de Ataque"),
    (4, "Vazamento de Dados"),
)
_VERIFIED = {
    "1. Status dos Serviços": (SERVICES,),
    "Alertas e Thresholds": (DISK, LATENCY),
    "Restaurar PostgreSQL": (POSTGRES,),
    "Restaurar Redis": (RESTORE,),
    "Verificar Validade": (CERTIFICATE,),
}
_ITEMS = {
    "Alertas e Thresholds": (
        CoveredLine("row", "Disco | > 80% | > 90% | Limpeza de logs", 78, (DISK,)),
        CoveredLine("row", "Latência API | > 500ms | > 2s | Verificar load balancer", 79, (LATENCY,)),
    ),
    "3. Verificação de Conectividade": (
        CoveredLine("step", "Testar endpoints de saúde", 177, (SERVICES,)),
        CoveredLine("step", "Verificar conectividade com o banco", 178, ()),
        CoveredLine("command", "docker-compose exec redis redis-cli ping", 179, (), (PRUNE,)),
    ),
}
_CLAIMED = {"Limpeza Manual": (PRUNE,), "Alertas e Thresholds": (MEMORY,), "2. Monitoramento de Recursos": (MEMORY,)}


class _Filler(Redactor):
    """Walks through a report as a redactor does, and puts a text in place of every string."""

    def __init__(self, text: str) -> None:
        super().__init__(())
        self._text = text
        self._number = count()

    def text(self, text: str) -> str:
        """Return the text of all strings, with a number in place of what was there."""
        return f"{self._text}{next(self._number)}" if text else text


def filled_with(text: str) -> RunReport:
    """Make the demonstration with `text` in every string of it, a number after each so that they differ."""
    report = _Filler(text).report(demo_report())
    return replace(report, results=tuple(replace(result, measurements=_over(result)) for result in report.results))


def _over(result: Result) -> tuple[Measurement, ...]:
    return tuple(replace(measurement, operator=">") for measurement in result.measurements)


def demo_report() -> RunReport:
    """Make a report with every outcome, every kind of evidence, and a section of each sort."""
    results = (_services(), _disk(), _memory(), _latency(), _postgres(), _redis(), _certificate(), _prune())
    return RunReport(_run(), results, _coverage())


def _line(heading: str) -> int:
    return 10 + 11 * [name for _, name in _HEADINGS].index(heading)


def _coverage() -> tuple[Coverage, ...]:
    return tuple(
        Coverage(
            heading,
            _line(heading),
            level,
            _VERIFIED.get(heading, ()),
            _CLAIMED.get(heading, ()),
            _ITEMS.get(heading, ()),
        )
        for level, heading in _HEADINGS
    )


def _run() -> RunInfo:
    return RunInfo(
        run_id="20261123-020005-demo",
        started=STARTED,
        finished=STARTED + timedelta(seconds=47),
        target="replica of reference (processes, plain)",
        is_replica=True,
        replica_kind="processes",
        isolation="plain",
        missing_isolation=("no network of its own", "no file system of limited size"),
        versions={
            "rehearsal": "0.1.0",
            "python": "3.11.2",
            "postgres": "16.14",
            "redis": "Valkey 9.1.2",
            "nginx": "1.31",
        },
        runbook_title="Email Gateway - Runbook de Operação",
        runbook_version="1.0.0",
        runbook_path="RUNBOOK.md",
        runbook_sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        gateway="reference",
        user="operator",
        host="ci-runner",
        command_line="pytest -m 'daily or drill' --gateway gateway",
        exit_status=1,
        settings={
            "objectives.rto_hours": "4",
            "objectives.rpo_hours": "24",
            "postgres.password": "from DB_PASSWORD",
            "replica.disk_mib": "2048",
        },
        notes=("The waiver of test_certificates.py::test_certificate_is_valid counts until 2026-11-28 only.",),
    )


def _result(node_id: str, title: str, section: str, outcome: Outcome, message: str, **more: object) -> Result:
    values = {"action": "", "started": STARTED, "seconds": 0.42, "markers": ("daily",), **more}
    return Result(
        node_id=node_id, title=title, section=section, section_line=_line(section), outcome=outcome, message=message,
        **values,  # type: ignore[arg-type]  # the names are those of Result
    )  # fmt: skip


def _services() -> Result:
    up = "nginx, api, worker, postgres and redis are up, without a restart"
    command = CommandEvidence(
        "docker-compose ps", 0, "NAME     STATUS\nnginx    Up 3 seconds\n", "", 0.08, "RUNBOOK.md:32"
    )
    return _result(
        SERVICES, "All five services are up and stay up.", "1. Status dos Serviços", Outcome.OK, up,
        evidence=(command, Observation("nginx answered /health/healthz with 200"), Observation(up)),
    )  # fmt: skip


def _disk() -> Result:
    disks = tuple(
        measure(f"Disco {mount}", value, "%", 80, 90, "RUNBOOK.md:74")
        for mount, value in (("/", 83.1), ("/data", 41.7))
    )
    return _result(
        DISK, "Disks have room for another day of mails and backups.", "Alertas e Thresholds", Outcome.WARNING,
        sentence(disks[0]), action="Limpeza de logs", measurements=disks,
        findings=(Finding(Outcome.WARNING, sentence(disks[0]), "Limpeza de logs", "Alertas (RUNBOOK.md:74)"),),
        evidence=(Observation("df answered for 2 file systems"),),
    )  # fmt: skip


def _memory() -> Result:
    message = "Expected the memory of 5 services, got no answer from the host within 5 s"
    return _result(
        MEMORY, "No service is close to the memory that it was given.", "Alertas e Thresholds", Outcome.UNKNOWN,
        message, findings=(Finding(Outcome.UNKNOWN, message, "Check that the host answers", ""),),
        measurements=(measure("Memória", float("inf"), "%", 85, 95, "RUNBOOK.md:73"),),
        evidence=(CommandEvidence("docker stats --no-stream", None, "", "", 5.0, "RUNBOOK.md:45"),),
    )  # fmt: skip


def _latency() -> Result:
    figures = (
        measure("Latência API P95", 212, "ms", 500, 2000, "RUNBOOK.md:75"),
        measure("Taxa de sucesso", 99.2, "%", None, 95, "gateway.toml objectives.success_rate_percent", "<"),
    )
    return _result(
        LATENCY, "The API answers within what the runbook allows, at the 95th percentile of 20 requests.",
        "Alertas e Thresholds", Outcome.OK, sentence(figures[0]), measurements=figures, seconds=1.31,
        evidence=(Observation("20 of 20 requests were answered"),),
    )  # fmt: skip


def _postgres() -> Result:
    figures = (
        measure("Tempo de recuperação PostgreSQL", 3.4, "s", None, 14400, "gateway.toml objectives.rto_hours"),
        measure("Idade dos dados PostgreSQL", 1.1, "s", None, 86400, "gateway.toml objectives.rpo_hours"),
    )
    restore = (
        "gunzip -c ./backups/email-gateway-daily-20261123-020011.sql.gz | \\\n"
        "docker-compose exec -T postgres psql -U postgres -d email_gateway"
    )
    return _result(
        POSTGRES, "What was in PostgreSQL before a total loss is there after the runbook's restore.",
        "Restaurar PostgreSQL", Outcome.OK, "7 tables with 1,204 rows came back as they were",
        measurements=figures, seconds=9.8, markers=("drill",),
        evidence=(
            CommandEvidence(restore, 0, "SET\nCREATE TABLE\n" * 6, "", 1.9, "RUNBOOK.md:127", (0, 0)),
            Observation("7 tables with 1,204 rows came back as they were"),
            Observation("1 accepted mail was sent exactly once"),
        ),
    )  # fmt: skip


def _redis() -> Result:
    message = "Expected the 48 keys of before in Redis after the restore, found 0"
    copy = "cp redis-backup-20261123-020024/*.aof ./redis-data/"
    place, escalate = "Restaurar Redis (RUNBOOK.md:143)", "Escalar para equipe de desenvolvimento"
    error = "cp: cannot stat 'redis-backup-20261123-020024/*.aof': No such file or directory\n"
    return _result(
        RESTORE, "What was in Redis before a total loss is there after the runbook's restore.", "Restaurar Redis",
        Outcome.CRITICAL, message, action=escalate, seconds=4.2, markers=("drill",), lines=(140, 143),
        contact="level 2 (Desenvolvimento): Tech Lead, Ana - ana@example.com - +1 202-555-0120",
        findings=(
            Finding(Outcome.CRITICAL, message, escalate, place),
            Finding(Outcome.WARNING, "Expected exit code 0 of the copy, found 1", "", place),
        ),
        evidence=(
            CommandEvidence("docker-compose stop redis", 0, "", "", 0.6, "RUNBOOK.md:140"),
            CommandEvidence(copy, 1, "", error, 0.01, "RUNBOOK.md:149"),
            DifferenceEvidence("key bull:email-send:12", "hash of 6 fields", "absent"),
            DifferenceEvidence("key bull:email-send:wait", "list of 14 elements", "absent"),
        ),
    )  # fmt: skip


def _certificate() -> Result:
    days = measure("Validade do certificado", 11, "", 30, 14, "gateway.toml", "<")
    waiver = Waiver(
        "test_certificates.py::test_certificate_is_valid",
        "A new certificate is ordered.",
        "security lead",
        date(2026, 11, 28),
    )
    return _result(
        CERTIFICATE, "The certificate lives long enough to be renewed in time.", "Verificar Validade", Outcome.WAIVED,
        sentence(days), action="Renovar Certificados", measurements=(days,), waiver=waiver,
        findings=(Finding(Outcome.CRITICAL, sentence(days), "Renovar Certificados", "Validade (RUNBOOK.md:153)"),),
    )  # fmt: skip


def _prune() -> Result:
    return _result(
        PRUNE, "Cleaning up Docker does not remove the gateway's data.", "Limpeza Manual", Outcome.NOT_APPLICABLE,
        "docker system prune has no meaning in a replica of processes", seconds=0.0, markers=("drill",),
    )  # fmt: skip
