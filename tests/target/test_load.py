"""gateway.toml: what is read, what is refused, and in which words."""

from pathlib import Path

import pytest

from rehearsal.gateway.description import SecretSource
from rehearsal.gateway.load import GatewayError, load_gateway, read_secret


def _write(folder: Path, text: str) -> Path:
    (folder / "gateway.toml").write_text(text)
    return folder


def _refusal(folder: Path) -> str:
    with pytest.raises(GatewayError) as caught:
        load_gateway(folder)
    return str(caught.value)


def test_file_is_read(tmp_path: Path) -> None:
    """Values of the file come out typed, and what it leaves out has its default."""
    gateway = load_gateway(_write(tmp_path, 'name = "mine"\n[postgres]\nport = 5433\n'))
    assert (gateway.name, gateway.postgres.port, gateway.postgres.user) == ("mine", 5433, "postgres")
    assert gateway.directory == tmp_path


def test_environment_stands_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An override changes one key and leaves its neighbours to the file."""
    monkeypatch.setenv("REHEARSAL_POSTGRES__PORT", "7777")
    gateway = load_gateway(_write(tmp_path, 'name = "mine"\n[postgres]\nport = 5433\nuser = "me"\n'))
    assert (gateway.postgres.port, gateway.postgres.user) == (7777, "me")


def test_own_body_of_a_mail_is_all_of_it(tmp_path: Path) -> None:
    """An API that refuses what it does not know gets the team's own keys, and no default beside them."""
    gateway = load_gateway(_write(tmp_path, 'name = "mine"\n[http]\nsubmit_body = { rcpt = "{to}" }\n'))
    assert gateway.http.submit_body == {"rcpt": "{to}"}


def test_what_a_team_says_is_told_from_defaults(tmp_path: Path) -> None:
    """Only what the file names counts as said, for one that names a queue has not said where its rows are."""
    assert load_gateway(_write(tmp_path, 'name = "mine"\n[queue]\nname = "q"\n')).queue.model_fields_set == {"name"}
    said = load_gateway(_write(tmp_path, 'name = "mine"\n[queue]\noutbox = "email_outbox"\n'))
    assert said.queue.model_fields_set == {"outbox"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param('name = "x"\n[posgres]\n', ["'posgres'", "did you mean 'postgres'"], id="unknown table"),
        pytest.param(
            'name = "x"\n[postgres]\nprot = 1\n', ["'postgres.prot'", "did you mean 'port'"], id="unknown key"
        ),
        pytest.param('name = "x"\n[postgres]\nport = 99999\n', ["postgres.port", "65535"], id="port out of range"),
        pytest.param(
            'name = "x"\n[http]\nstates = { sent = "delivered" }\n',
            ["'http.states.sent'", "'queued', 'sent' or 'failed'"],
            id="states the other way round",
        ),
        pytest.param("[http]\n", ["lacks the key 'name'"], id="no name"),
        pytest.param("name == 1", ["not TOML", "line 1"], id="not TOML"),
        pytest.param('name = "x"\ndirectory = "/"\n', ["'directory'"], id="directory is no key"),
        pytest.param(
            'name = "x"\n[[waivers]]\ncheck = "a"\nreason = "b"\napprover = "c"\n', ["expires"], id="waiver without end"
        ),
        pytest.param('name = "x"\n[postgres]\npassword = {}\n', ["either env or file"], id="secret from nowhere"),
    ],
)
def test_wrong_file_is_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    """A wrong file is one sentence that names the file, the key, and what to write instead."""
    message = _refusal(_write(tmp_path, text))
    assert all(word in message for word in [*words, "gateway.toml"])
    assert "\n" not in message


def test_value_stays_out_of_the_refusal(tmp_path: Path) -> None:
    """A secret written where its place belongs is not repeated in the error."""
    assert "hunter2-secret" not in _refusal(_write(tmp_path, 'name = "x"\n[postgres]\npassword = "hunter2-secret"\n'))


def test_missing_folder_and_file_are_named(tmp_path: Path) -> None:
    """A folder that is not there, or holds no gateway.toml, is named with its path."""
    assert str(tmp_path / "gone") in _refusal(tmp_path / "gone")
    assert str(tmp_path / "gateway.toml") in _refusal(tmp_path)


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    """A gateway.toml that is a folder, or not text, is a sentence too."""
    (tmp_path / "gateway.toml").mkdir()
    assert "can't be read" in _refusal(tmp_path)
    (tmp_path / "gateway.toml").rmdir()
    (tmp_path / "gateway.toml").write_bytes(b"\xff\xfe")
    assert "UTF-8" in _refusal(tmp_path)


@pytest.mark.parametrize("name", ["REHEARSAL_POSTGRE__PORT", "REHEARSAL_DIRECTORY", "REHEARSAL_POSTGRES__PROT"])
def test_misspelt_variable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """An override that would change nothing is an error, not silence."""
    monkeypatch.setenv(name, "1")
    assert name in _refusal(_write(tmp_path, 'name = "x"\n'))


def test_secrets_come_from_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret is read from a variable or a file, and one that is missing is named by its place."""
    gateway = load_gateway(_write(tmp_path, 'name = "x"\n'))
    monkeypatch.setenv("A_SECRET", "from the environment")
    (tmp_path / "secret").write_text("from a file\n")
    assert read_secret(SecretSource(env="A_SECRET"), gateway, "it") == "from the environment"
    assert read_secret(SecretSource(file=Path("secret")), gateway, "it") == "from a file"
    assert not read_secret(None, gateway, "it")
    with pytest.raises(GatewayError, match="NO_SUCH_VARIABLE"):
        read_secret(SecretSource(env="NO_SUCH_VARIABLE"), gateway, "it")
    with pytest.raises(GatewayError, match="gone"):
        read_secret(SecretSource(file=Path("gone")), gateway, "it")
