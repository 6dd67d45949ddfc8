"""The stand-in for redis-cli: words in, words out, as the real one's."""

from __future__ import annotations

import shutil
from io import BytesIO

import pytest

from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.replica.processes.standins import resp

pytestmark = pytest.mark.skipif(shutil.which("redis-cli") is not None, reason="this machine has a real redis-cli")


@pytest.mark.parametrize(
    ("command", "out", "code"),
    [
        ("redis-cli ping", "PONG\n", 0),
        ("redis-cli set k v", "OK\n", 0),
        ("redis-cli get no-such-key", "\n", 0),
        ("redis-cli rpush list a 'b c'", "2\n", 0),
        ("redis-cli lrange list 0 -1", "a\nb c\n", 0),
        ("redis-cli --no-raw lrange list 0 -1", '1) "a"\n2) "b c"\n', 0),
        ("redis-cli --no-raw get no-such-key", "(nil)\n", 0),
        ("redis-cli lrange no-such-list 0 -1", "\n", 0),
        ("redis-cli 'CONFIG GET dir'", "ERR unknown command 'CONFIG GET dir', with args beginning with: \n\n", 0),
        ("redis-cli -e nonsense >/dev/null", "", 1),
        ("printf 'value\\n' | redis-cli -x set fed", "OK\n", 0),
        ("printf 'set q \"a b\"\\nget q\\n' | redis-cli", "OK\na b\n", 0),
        ("redis-cli -n 3 set in3 1; redis-cli -n 3 keys '*'; redis-cli exists in3", "OK\nin3\n0\n", 0),
        ("redis-cli --scan --pattern 'fe*'", "fed\n", 0),
        ("redis-cli -h localhost -p 6379 --no-auth-warning -a '' ping 2>/dev/null", "PONG\n", 0),
        ("redis-cli -u redis://localhost:6379/3 dbsize", "1\n", 0),
        ("redis-cli -p 1 ping", "", 1),
    ],
)
def test_output_and_status(shared: ProcessReplica, command: str, out: str, code: int) -> None:
    """Each form that runbooks use prints what the real one prints into a pipe, with its status."""
    run = shared.run_script(command, timeout=20)
    assert (run.stdout, run.exit_code) == (out, code)


def test_password_missing_is_printed_with_status_0(fresh: ProcessReplica) -> None:
    """NOAUTH is printed, and the status is 0 all the same: the trap that checks must not fall into."""
    fresh.run_script("redis-cli config set requirepass sesame", timeout=10)
    without = fresh.run_script("redis-cli ping", timeout=10)
    assert (without.stdout, without.exit_code) == ("NOAUTH Authentication required.\n\n", 0)
    for form in ("-a sesame --no-auth-warning", "-u redis://:sesame@localhost"):
        assert fresh.run_script(f"redis-cli {form} ping", timeout=10).stdout == "PONG\n"
    by_environment = fresh.run_script("redis-cli ping", timeout=10, environment={"REDISCLI_AUTH": "sesame"})
    assert (by_environment.stdout, by_environment.stderr) == ("PONG\n", "")


def test_backup_over_the_wire(shared: ProcessReplica) -> None:
    """`--rdb` writes a file that begins and ends as an RDB does."""
    run = shared.run_script("redis-cli --rdb out.rdb && head -c 5 out.rdb && rm out.rdb", timeout=20)
    assert run.stdout in ("REDIS", "VALKE")
    assert run.exit_code == 0


@pytest.mark.parametrize("program", ["redis-cli", "docker-compose exec -T redis redis-cli"])
def test_backup_to_standard_output(program: str, shared: ProcessReplica) -> None:
    """`--rdb -` writes the same where it is sent, and ends well."""
    run = shared.run_script(f"{program} --rdb - > out.rdb && head -c 5 out.rdb && rm out.rdb", timeout=20)
    assert (run.exit_code, run.stdout in ("REDIS", "VALKE")) == (0, True), run.stderr
    assert "Traceback" not in run.stderr


def test_pipe_counts_replies(shared: ProcessReplica) -> None:
    """`--pipe` sends a raw protocol and counts what comes back."""
    command = r"*3\r\n$3\r\nSET\r\n$2\r\np%s\r\n$1\r\nx\r\n"
    run = shared.run_script(f"for n in 1 2 3; do printf '{command}' $n; done | redis-cli --pipe", timeout=20)
    assert run.stdout.splitlines()[-1] == "errors: 0, replies: 3"


@pytest.mark.parametrize(
    ("wire", "raw", "pretty"),
    [
        (b"+OK\r\n", b"OK", b"OK\n"),
        (b"$-1\r\n", b"", b"(nil)\n"),
        (b":7\r\n", b"7", b"(integer) 7\n"),
        (b'$4\r\na"\n\xc3\r\n', b'a"\n\xc3', b'"a\\"\\n\\xc3"\n'),
        (b"*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", b"1\nx", b'1) (integer) 1\n2) 1) "x"\n'),
        (b"*0\r\n", b"", b"(empty array)\n"),
        (b"-ERR no\r\n", b"ERR no\n", b"(error) ERR no\n"),
    ],
    ids=["status", "nil", "integer", "string", "nested", "empty", "error"],
)
def test_replies_in_both_manners(wire: bytes, raw: bytes, pretty: bytes) -> None:
    """A reply is printed for a pipe and for a person as redis-cli prints it."""
    reply = resp.read(BytesIO(wire))
    assert (resp.raw(reply), resp.pretty(reply)) == (raw, pretty)


def test_broken_reply_is_the_end() -> None:
    """A reply that breaks off is the end of the connection, not half an answer."""
    with pytest.raises(EOFError):
        resp.read(BytesIO(b"$10\r\nhalf"))
