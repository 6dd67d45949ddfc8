"""What a person fills in, and what a shell means by the same characters."""

import pytest

from rehearsal.runbook import RunbookError, fill
from rehearsal.runbook.placeholders import find_placeholders


@pytest.mark.parametrize(
    ("command", "placeholders"),
    [
        ("tar -xzf redis-backup-YYYYMMDD-HHMMSS.tar.gz", ["YYYYMMDD-HHMMSS"]),
        ("ls db_YYYYMMDD_HHMMSS.gz log-AAAA-MM-DD.txt", ["YYYYMMDD_HHMMSS", "AAAA-MM-DD"]),
        ("ls ./YYYYMMDD", ["YYYYMMDD"]),
        ("export DB_PASSWORD=your_password X=sua_senha", ["your_password", "sua_senha"]),
        ("psql -h <host> -d '<nome do banco>'", ["<host>", "<nome do banco>"]),
        ("curl https://<host>:8080/<path>", ["<host>", "<path>"]),
        ("docker compose exec [service] [command]", ["[service]", "[command]"]),
        ("mail [e-mail] [Plano de suporte] [ID]", ["[e-mail]", "[Plano de suporte]", "[ID]"]),
        ("echo {{x}} {{ host }}", ["{{x}}", "{{ host }}"]),
        ("cp [a] [nome] b", ["[nome]"]),
    ],
)
def test_placeholder_is_found(command: str, placeholders: list[str]) -> None:
    """Each known form is found, in order."""
    assert [placeholder.text for placeholder in find_placeholders(command)] == placeholders


@pytest.mark.parametrize(
    "command",
    [
        "[ -f x ] && [[ -d y ]]",
        "ls file[0-9].log [a-z]* [A-Za-z0-9_] [!ab] [[:alpha:]] *.[ch]",
        'echo "${VAR} ${VAR[nome]} $your_password ${your_password}"',
        "sort < file > out",
        "sort <in >out 2>&1",
        "sort <in>out",
        "cat <<EOF >file\nEOF",
        "diff <(ls a) <(ls b)",
        "docker inspect --format '{{.State.Status}} {{json .}} {{end}}' api",
        "grep '\\[error\\]' log | jq '.[name]'",
        "ps aux | grep [n]ginx",
        "curl -d '[\"a\"]' http://localhost",
        "arr[index]=1",
    ],
)
def test_shell_is_left_alone(command: str) -> None:
    """Tests, patterns, expansions, redirections and templates are no placeholders."""
    assert find_placeholders(command) == ()


def test_lines_are_counted() -> None:
    """A placeholder knows its own line in a command over several."""
    found = find_placeholders("a <b> \\\n c \\\n [nome]", 7)
    assert [(one.text, one.line) for one in found] == [("<b>", 7), ("[nome]", 9)]


def test_fill_replaces_every_one() -> None:
    """Repeats are all filled; a value that looks like a placeholder stays as it is."""
    filled = fill("cp YYYYMMDD/a YYYYMMDD/[nome]", {"YYYYMMDD": "20260305", "[nome]": "<x>", "unused": "y"})
    assert filled == "cp 20260305/a 20260305/<x>"


def test_fill_names_what_has_no_value() -> None:
    """A placeholder without a value is an error that names it, so that no command runs half filled."""
    with pytest.raises(RunbookError, match=r"placeholder \[nome\] in `cp YYYYMMDD \[nome\]`"):
        fill("cp YYYYMMDD [nome]", {"YYYYMMDD": "20260305"})
