from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.target import RefusedError, TargetError
from rehearsal.live import open_live
from rehearsal.live.readonly import require_reading
from rehearsal.live.words import NotPlainError, simple_commands
from rehearsal.runbook import procedure, read_runbook
from rehearsal.runbook.model import Command

RUNBOOK = Path(__file__).parents[2] / "gateway" / "RUNBOOK.md"
READS = [
    "docker-compose ps",
    "docker compose -p gw logs --tail=100 api 2>&1 | grep -i error | tail -5",
    "docker-compose exec -T postgres psql -U postgres -d email_gateway -c 'SELECT count(*) FROM email_outbox;'",
    'docker exec redis redis-cli -n 0 LLEN "bull:email-send:wait"',
    "docker stats --no-stream",
    "docker ps --format '{{.Names}}: {{.Status}}' && df -h /",
    "curl -fsS -o /dev/null -w '%{http_code}' --max-time 5 https://localhost/health/readyz >/dev/null 2>&1",
    "ls -lt ./backups/*.gz | head -3 # the newest",
    "openssl x509 -in ./ssl/cert.pem -noout -enddate",
    "free -m; uptime; date -u +%F || true",
    "tail -n 20 ./logs/api.log \\\n  | sort | uniq -c",
    "date -Iseconds",
    "date --iso-8601=seconds",
    'docker ps --format "table {{.Names}}\\t{{.Status}}"',
    "[ -f ./x ] && echo y",
    "test -s ./backups/x.gz",
    "[ 3 -gt 2 ]",
    "test ! -e x",
    "printf '%s\\n' x",
    "df -h / | awk 'NR==2 {print $5}'",
    "awk -F: '{print $1}' /etc/passwd",
    "awk '$5 > 80 {print $6, $5}' x",
    "sed -n '1,5p' x",
    "sed 's/%//' x",
    "sed -E 's|a b|c|g' x",
    "find ./backups -name '*.gz' -mtime -1 -ls",
    "find ./logs -type f -size +10M",
    "tar -tzf ./redis-backups/x.tar.gz",
    "tar tzf x.tar.gz",
    "gzip -t ./backups/x.gz",
    "gunzip -c x.gz | head -5",
    "systemctl status nginx --no-pager",
    "systemctl is-active nginx",
    "systemctl --failed",
    "systemctl list-timers --all",
    "journalctl -u api -n 50 --no-pager",
    "journalctl -u api --since '1 hour ago' | grep -i error",
    "ss -tlnp",
    "netstat -tlnp",
    "timeout 5 curl -fsS http://localhost/",
    "ip -br a",
    "ping -c 1 localhost",
    "nc -z localhost 5432",
    "nc -zv localhost 6379",
    "vmstat 1 2",
    "jq -r .status x.json",
    "curl -s http://localhost/health | jq .",
    "lsof -i :80",
    "docker compose config --services",
    "docker-compose -f a.yml --env-file .env ps",
    "cd /opt/gw && docker compose ps",
    "command -v docker",
    "psql -l",
    "docker exec -it redis redis-cli ping",
    "ls -la /dev",
    "cat ./x/*.log",
    "ls ./backups/*/",
    "tail -5 /var/log/nginx/*.log",
    "docker container inspect api",
]
CHANGES = [
    "rm -rf /",
    "docker-compose ps; rm x",
    "docker-compose ps\nrm x",
    "docker-compose ps && rm x",
    "docker-compose ps || rm x",
    "docker-compose ps | sh",
    "docker-compose ps & rm x",
    "docker-compose ps $(rm x)",
    'echo "$(rm x)"',
    "echo `rm x`",
    'echo "`rm x`"',
    "echo ${x:=1}",
    "cat <(rm x)",
    "cat <<E\nE\nrm x",
    "cat <<<x",
    "echo x > file",
    "echo x >> file",
    "echo x >| file",
    "echo x &> file",
    "echo x >& file",
    "echo x >/dev/nullx",
    "echo x > /dev/null/../../x",
    "PATH=/tmp ls",
    "LD_PRELOAD=./x.so ls",
    "env ls",
    "sudo ls",
    "eval ls",
    "(ls)",
    "{ ls; }",
    "ls() { rm x; }",
    "alias ls=rm",
    "if ls; then ls; fi",
    "! ls",
    "l\\s",
    "'rm' x",
    "r''m x",
    "sort -o x y",
    "sort -\\\no x y",
    "sort -ro x y",
    "sort --output=x y",
    "sort *",
    "uniq a b",
    "uniq ./a*",
    "tail -f log",
    "tail -F log",
    "docker-compose logs -f api",
    "docker-compose logs --follow api",
    "docker stats",
    "top",
    "find . -delete",
    "find . -exec rm {} ;",
    "date -s 2020-01-01",
    "date 010203042026",
    "hostname other",
    "cat /dev/watchdog",
    "curl -X POST http://localhost/",
    "curl -XDELETE http://localhost/",
    "curl -d x http://localhost/",
    "curl --data x http://localhost/",
    "curl -T x http://localhost/",
    "curl -o x http://localhost/",
    "curl -so x http://localhost/",
    "curl -O http://localhost/x",
    "curl -K x",
    "curl gopher://localhost:6379/_FLUSHALL",
    "curl -w '%output{x}' http://localhost/",
    "docker-compose down",
    "docker-compose restart api",
    "docker compose up -d",
    "docker rm -f api",
    "docker system prune -f",
    "docker -H tcp://other ps",
    "docker-compose exec -T api sh -c 'rm x'",
    "docker exec api rm x",
    "docker exec -d api ls",
    "docker-compose -f https://elsewhere/x.yml ps",
    "openssl x509 -in a -out b -noout",
    "openssl x509 -in a",
    "openssl req -new",
    "psql",
    "psql -f x",
    "psql -o x -c 'SELECT 1'",
    "psql -c '\\! rm x'",
    "psql -c '\\copy t to program x'",
    "psql -c 'DROP TABLE t'",
    "psql -c 'SELECT 1; DROP TABLE t'",
    "psql -c 'SELECT 1' -c 'DROP TABLE t'",
    "psql -c 'WITH x AS (DELETE FROM t RETURNING 1) SELECT 1'",
    "psql -c \"COPY t TO PROGRAM 'rm x'\"",
    "psql -c 'SELECT pg_terminate_backend(1)'",
    "psql -c 'SELECT \"pg_terminate_backend\"(1)'",
    "psql -c 'SELECT public.count(1)'",
    "psql -c 'SELECT lo_export (1, 2)'",
    "psql -c 'SELECT * INTO t FROM u'",
    "psql -c 'SELECT 1 FOR UPDATE'",
    "psql -c 'SELECT 1 /* x */'",
    "psql -c 'SELECT 1 -- x'",
    """psql -c "SELECT E'\\\\' || ' lo_export(1) || '" """,
    "psql -d 'dbname=x options=-cx' -c 'SELECT 1'",
    "redis-cli FLUSHALL",
    "redis-cli flushall",
    "redis-cli SET a b",
    "redis-cli EVAL x 0",
    "redis-cli CONFIG SET dir /",
    "redis-cli CONFIG GET requirepass",
    "redis-cli CONFIG GET 're*'",
    "redis-cli --rdb x",
    "redis-cli 3 PING",
    "redis-cli",
    "redis-cli MONITOR",
    "docker-compose exec -T redis redis-cli -n 0 DEL x",
    "ls\x00; rm x",
    "ls\r rm",
    "./scripts/backup-postgres.sh daily 7 ./backups",
    "test -v 'a[$(rm x)]'",
    "[ -v 'a[1]' ]",
    "[ -f x",
    "printf -v x y",
    "printf '%n' x",
    "printf '%s%n' a b",
    "awk 'BEGIN{system(1)}'",
    "awk '{print > \"f\"}' x",
    "awk '{print | \"sh\"}' x",
    "awk '{print $1; system(\"rm x\")}'",
    "awk -f x y",
    "awk -i inplace '{print}' x",
    "sed -i s/a/b/ x",
    "sed -n '1,5p' -i x",
    "sed 's/a/b/w f' x",
    "sed 's/a/b/e' x",
    "sed '1e rm x' x",
    "sed 'w f' x",
    "sed -n '/x/w f' x",
    "sed -e s/a/b/e x",
    "sed 's/a/b/;w f' x",
    "find . -name x -exec rm {} +",
    "find . -fprint x",
    "find . -ok rm x",
    "find -files0-from x",
    "tar -xzf x",
    "tar -czf x y",
    "tar -tzf x --to-command=sh",
    "tar -tzf x --checkpoint=1 --checkpoint-action=exec=sh",
    "tar -tf host:x",
    "tar tf x -I sh",
    "tar -tIf sh x",
    "gzip x",
    "gunzip x",
    "gzip -d x",
    "systemctl restart nginx",
    "systemctl stop nginx",
    "systemctl -H other status",
    "systemctl daemon-reload",
    "systemctl --now disable x",
    "journalctl -f",
    "journalctl --vacuum-size=1M",
    "journalctl --rotate",
    "journalctl --flush",
    "journalctl -u x --cursor-file=f",
    "journalctl --sync",
    "ss -K dst 1.1.1.1",
    "timeout 5 rm x",
    "timeout -s KILL 5 rm x",
    "timeout 5 sh -c ls",
    "ip link set eth0 down",
    "ip addr add 1.1.1.1/8 dev lo",
    "ip -batch x",
    "ip netns exec x sh",
    "ip addr flush dev lo",
    "ping localhost",
    "nc localhost 80",
    "nc -z -e sh localhost 80",
    "nc -l 80",
    "vmstat 1",
    "jq -f x",
    "jq . -L x",
    "lsof -r 1",
    "docker compose config",
    "docker compose -f github.com/x/y ps",
    "docker compose --env-file https://x/y ps",
    "cd /dev && cat watchdog",
    "cd dev",
    "cat /d*/watchdog",
    "cat /?ev/watchdog",
    "cat /[^x]ev/x",
    "cat ../*/watchdog",
    "cat /proc/*/x",
    "cat /proc/kmsg",
    "command ls",
    "command -p ls",
    "dmesg -C",
    "dmesg -c",
    "dmesg -n 1",
    "dmesg -w",
    "date -I 010203042026",
    "docker exec api date -I 010203042026",
    "docker exec -it api sh",
    "docker exec -it api rm x",
    "docker exec api timeout 5 rm x",
    "file -C -m x",
    'echo "a\\\\$(rm x)"',
    'echo "\\$(rm)"',
    "xargs rm",
    "tee x",
    "env rm x",
    "nohup rm x",
    "less x",
    "man x",
    "git gc",
    "openssl s_client -connect x",
    "hostname -F x",
    "last -f /x",
    "ls $'a'",
    "echo {a,b}",
    "docker cp a:b c",
    "docker compose cp a:b c",
    "docker compose watch",
    "docker compose events",
    "docker events",
    "docker attach api",
    "docker wait api",
    "docker context use x",
    "docker plugin disable x",
    "docker swarm leave",
    "docker login",
    "docker save -o x y",
    "docker export -o x y",
    "docker-compose run api ls",
    "docker compose alpha viz",
    "docker buildx prune",
    "COMPOSE_FILE=x docker compose ps",
]


@pytest.mark.parametrize("script", READS)
def test_reading_may_run(script: str) -> None:
    """A script of which every command only reads is let through."""
    require_reading(script)


@pytest.mark.parametrize("script", CHANGES)
def test_change_is_refused(script: str) -> None:
    """A script that changes, hides a change, or never ends is refused, with the place that could allow it."""
    with pytest.raises(RefusedError, match=r"live\.read_only"):
        require_reading(script)


HARM = st.sampled_from(["rm -rf x", "redis-cli FLUSHALL", "psql -c 'DROP TABLE t'", "sh", "touch x", "docker kill api"])
JOINTS = (
    ["; {}", "\n{}", " && {}", " || {}", " | {}", " & {}", " $({})", ' "$({})"', " `{}`", ' "`{}`"', " <({})"],
    [" >({})", " <<E\nE\n{}", " #\n{}", " \\\n; {}", "' '; {}", ' "" ; {}', ";{}", "|{}", " 2>&1; {}", "\n(\n{})"],
)
GLUE = st.sampled_from(JOINTS[0]) | st.sampled_from(JOINTS[1])


@given(st.sampled_from(READS), GLUE, HARM, st.sampled_from(["", "x", "; ls", " | cat", "\n"]))
def test_nothing_hides_behind_reading(read: str, glue: str, harm: str, rest: str) -> None:
    """Whatever is joined to a command that reads is judged as well, however it is joined."""
    with pytest.raises(RefusedError):
        require_reading(read.removesuffix(" # the newest") + glue.format(harm) + rest)


@settings(max_examples=400)
@given(st.text("ab-o '\"\\\n\t;|&$`(){}<>#*?!=~/.12", max_size=24))
def test_words_are_those_of_the_shell(text: str) -> None:
    """What is let through as words is what bash makes of it: no quote, escape or line end is read otherwise."""
    try:
        commands = simple_commands(text)
    except NotPlainError:
        return
    for words in commands:
        for word in words:
            assert not word.spreads or any(letter in word for letter in "*?[~")
    if len(commands) == 1 and not any(word.spreads for word in commands[0]) and not set(text) & set("|;&"):
        script = f"set -f; set -- {text.lstrip()}\nprintf '%s\\0' \"$@\""
        bash = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20, check=False)
        if ">" not in text and "\n" not in text.strip():
            assert bash.stdout == "".join(f"{word}\0" for word in commands[0])


def test_declared_commands_may_run() -> None:
    """What gateway.toml vouches for runs as it is written there, and not with anything more."""
    declared = ["./scripts/monitor-system.sh", "awk '{f($1)}' x; ls", "./look.sh '~'"]
    require_reading("./scripts/monitor-system.sh", declared)
    require_reading("./scripts/monitor-system.sh | tail -1", declared)
    require_reading(declared[1], declared)
    for script in (
        "./scripts/monitor-system.sh --x",
        "./scripts/monitor-system.sh; rm x",
        "awk '{f($1)}' x",
        "./look.sh ~",
    ):
        with pytest.raises(RefusedError):
            require_reading(script, declared)


def test_daily_sections_of_the_runbook_may_run() -> None:
    """The reference runbook's daily commands run on a live host, its own script when it is declared."""
    runbook = read_runbook(RUNBOOK)
    declared = ["./scripts/monitor-system.sh"]
    for heading in ("Status dos Serviços", "Monitoramento de Recursos", "Verificação de Conectividade"):
        for command in procedure(runbook, heading).commands:
            require_reading(command.text, declared)


def _target_gateway(folder: Path) -> Gateway:
    return Gateway.model_validate({"directory": folder, "name": "g", "live": {"directory": str(folder)}})


def test_procedure_runs_with_each_command_judged(tmp_path: Path) -> None:
    """A procedure's commands run in one shell, and of those that change none has reached it."""
    with open_live("local://", _target_gateway(tmp_path)) as target:
        texts = ["echo 'it is'", "touch x", "ls missing"]
        run = run_commands(target, [Command(text, "", line, ()) for line, text in enumerate(texts)], timeout=20)
        assert [(one.exit_code, one.stdout) for one in run.commands] == [(0, "it is\n"), (None, ""), (2, "")]
        assert "touch" in run.commands[1].refused
        assert target.commands == 1
        with pytest.raises(RefusedError):
            target.run_script(f"eval {shlex.quote('touch x')}", timeout=20)
    assert not list(tmp_path.iterdir())


def test_live_http_only_reads(tmp_path: Path) -> None:
    """A request that hands in a mail is refused before it is sent."""
    with (
        open_live("local://", _target_gateway(tmp_path)) as target,
        target.http() as client,
        pytest.raises(RefusedError),
    ):
        client.post("/v1/emails", json={})


def test_missing_password_is_unknown(tmp_path: Path) -> None:
    """A password that is not where gateway.toml says is an error that names the place."""
    gateway = Gateway.model_validate(
        {"directory": tmp_path, "name": "g", "postgres": {"password": {"env": "NO_SUCH_VARIABLE"}}}
    )
    with open_live("local://", gateway) as target, pytest.raises(TargetError, match="NO_SUCH_VARIABLE"):
        target.postgres()
