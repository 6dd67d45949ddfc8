"""Judges the statements of a dump: what pg_dump writes passes, what reaches beyond the database is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from rehearsal.backups.script import Script, Token, UnendedError

TRUSTED = frozenset(["sql", "plpgsql", "plperl", "pltcl", "plv8", "plcoffee", "plls", "plrust", "pllua"])
"""Languages whose code stays inside the database."""
_CALLS = re.compile(
    r"pg_read_(binary_)?file|pg_ls_\w*dir|pg_stat_file|pg_file_\w+|pg_logdir_ls|lo_import|lo_export|"
    r"dblink(_exec|_connect|_connect_u|_send_query|_open|_fetch|_get_result)?|pg_execute_server_program"
)
_PARAMETERS = frozenset((
    "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout",
    "client_encoding", "standard_conforming_strings", "check_function_bodies", "xmloption", "client_min_messages",
    "row_security", "escape_string_warning", "default_tablespace", "default_table_access_method", "default_with_oids",
    "search_path", "role",
))  # fmt: skip
"""That pg_dump sets."""
_SELECTED = frozenset((
    "set_config", "setval", "lo_create", "lo_open", "lowrite", "lo_close", "lo_unlink", "exists",
    "pg_restore_relation_stats", "pg_restore_attribute_stats",
))  # fmt: skip
"""That pg_dump calls."""
_EXTENSIONS = frozenset(
    ["file_fdw", "adminpack", "dblink", "plsh", "pg_cron", "pg_background", "http", "pg_net", "pg_execute"]
)
_LOADING = frozenset((
    "session_preload_libraries", "local_preload_libraries", "shared_preload_libraries", "dynamic_library_path",
    "archive_command", "restore_command", "ssl_passphrase_command",
))  # fmt: skip
"""Parameters that make the server load code or run programs."""
_READING = frozenset(("standard_conforming_strings", "client_encoding"))
_ADDRESS = frozenset(("host", "hostaddr", "service", "servername", "connection"))

Words = Sequence[str]
Rule = Callable[[Sequence[Token], Words], str]
"""The tokens of a statement and their words -> what it would have done, empty where nothing."""


def judge(statement: Sequence[Token]) -> str:
    """Say what a statement would do beyond the database, or that pg_dump writes none such; empty where it is none."""
    words = [_word(token) for token in statement]
    rule = _RULES.get(words[0])
    if rule is None:
        return f"pg_dump writes no {words[0].upper()[:40]}: nobody can tell what it would do"
    return rule(statement, words)


def is_copy_in(statement: Sequence[Token]) -> bool:
    """Tell whether after this statement psql takes the lines that follow as rows."""
    words = [_word(token) for token in statement]
    return words[:1] == ["copy"] and words[-2:] == ["from", "stdin"]


def _word(token: Token) -> str:
    text = token.text.decode("utf-8", "replace")
    if token.kind == "word":
        return text.lower()
    # Marked, so that no quoted name or value is taken for a word of SQL.
    return f'"{text}' if token.kind == "quoted" else f"'{text}" if token.kind in ("string", "dollar") else text


def _plain(word: str) -> str:
    return word.lstrip("\"'").lower()


def calls(words: Words) -> Iterator[str]:
    """Yield the name of each function that is called."""
    return (_plain(word) for word, following in pairwise(words) if following == "(")


def judge_call(name: Token, bracket: Token) -> str:
    """Say what a call in the rows of an INSERT would do; empty where it stays in the database."""
    return _reaching_out([_word(name), _word(bracket)])


def _reaching_out(words: Words) -> str:
    name = next((name for name in calls(words) if _CALLS.fullmatch(name)), "")
    return f"it calls {name}(), which reaches beyond the database" if name else ""


def _passes(_: Sequence[Token], __: Words) -> str:
    return ""


def _insert(_: Sequence[Token], words: Words) -> str:
    return _reaching_out(_behind_name(words))


def _refresh(_: Sequence[Token], words: Words) -> str:
    return _reaching_out(words)


def _set(_: Sequence[Token], words: Words) -> str:
    name = _plain(words[1]) if len(words) > 1 else ""
    if name == "standard_conforming_strings" and words[2:] not in (["=", "on"], ["=", "off"]):
        return "it changes how the rest of the dump is read"
    if name in _PARAMETERS or words[1:3] == ["session", "authorization"]:
        return ""
    return f"pg_dump sets no parameter {name[:60]}"


def _select(_: Sequence[Token], words: Words) -> str:
    called = list(calls(words))
    foreign = [name for name in called if name not in _SELECTED]
    if foreign or not called:
        return f"pg_dump selects from no {foreign[0][:60]}()" if foreign else "pg_dump writes no such SELECT"
    if "set_config" in called and words[words.index("set_config") + 2] not in ("'search_path", "search_path"):
        return "pg_dump changes no parameter but search_path this way"
    return ""


def _copy(_: Sequence[Token], words: Words) -> str:
    if re.fullmatch(r"copy [^ ]+( \. [^ ]+)?( \( [^()]+ \))? from stdin", " ".join(_bare(words))):
        return ""
    if "program" in words:
        return "the server would run a program of the operating system"
    return "it does not read from the dump, but reads or writes a file of the server"


def _bare(words: Words) -> Iterator[str]:
    return ("name" if word[:1] == '"' else "value" if word[:1] == "'" else word for word in words)


def _create(statement: Sequence[Token], words: Words) -> str:
    kind = [word for word in words[1:6] if word not in _BETWEEN]
    what, name = kind[0] if kind else "", _plain(kind[1]) if kind[1:] else ""
    if what in ("function", "procedure"):
        return _function(statement, words)
    if what == "language":
        return _language(name)
    if what == "extension":
        return _extension(name)
    if what in ("role", "user", "group", "tablespace") and name != "mapping":
        return f"pg_dump of one database creates no {what}"
    return _connecting(what, words) or _reaching_out(
        _behind_name(words) if what in ("table", "aggregate", "type") else words
    )


_BETWEEN = frozenset(("or", "replace", "trusted", "procedural", "if", "not", "exists"))


def _connecting(what: str, words: Words) -> str:
    if what == "subscription" and "connect = false" not in " ".join(words):
        return "the server would connect to another one"
    if what == "server" and any(_plain(one).endswith("_fdw") for one in words) and _ADDRESS & set(map(_plain, words)):
        return "the server would connect to the address that it names"
    return ""


def _behind_name(words: Words) -> Words:
    bracket = words.index("(") if "(" in words else len(words)
    return words if {"as", "select"} & set(words[:bracket]) else words[bracket + 1 :]


def _language(name: str) -> str:
    if _plain(name) in TRUSTED:
        return ""
    return f"code in {_plain(name)[:60] or 'an unnamed language'} runs as the server's user, outside of the database"


def _extension(name: str) -> str:
    untrusted = re.fullmatch(r"(\w+_)?pl\w+u", name) and name not in TRUSTED
    if untrusted or name in _EXTENSIONS:
        return f"the extension {name} reaches beyond the database: files, programs, or other servers"
    return ""


def _function(statement: Sequence[Token], words: Words) -> str:
    clauses = list(_clauses(words))
    languages = [words[at + 1] for at in clauses if words[at] == "language" and at + 1 < len(words)]
    refused = next(filter(None, map(_language, languages)), "") or _loads(words)
    bodies = [token.text for token in statement if token.kind in ("dollar", "string")]
    return refused or _reaching_out(_behind_name(words)) or next(filter(None, map(_body, bodies)), "")


def _clauses(words: Words) -> Iterator[int]:
    """Yield the places of the words outside of brackets, up to a body that is no literal."""
    depth = 0
    for at, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if not depth:
            if word in ("begin", "return"):
                return
            yield at


def _loads(words: Words) -> str:
    names = [_plain(after) for word, after in pairwise(words) if word == "set"]
    name = next((name for name in names if name in _LOADING), "")
    return f"it sets {name}, which makes the server load code or run programs" if name else ""


def _body(text: bytes) -> str:
    """Judge the code of a function; its literals and comments are text, whatever they say."""
    try:
        words = [_word(token) for token in Script([text], body=True).tokens() if token.kind != "comment"]
    except UnendedError:
        return ""  # no code that could run; an ordinary literal, such as a default
    for at, word in enumerate(words):
        end = next((i for i in range(at, len(words)) if words[i] == ";"), len(words))
        if word == "copy" and "program" in words[at:end] and {"from", "to"} & set(words[at:end]):
            return "when it is called, the server would run a program of the operating system"
    return _reaching_out(words) and f"in its body {_reaching_out(words)}"


def _alter(_: Sequence[Token], words: Words) -> str:
    what = words[1] if len(words) > 1 else ""
    if what == "system":
        return "it changes the configuration of the whole server"
    if what in ("role", "user") and "database" not in words:
        return f"pg_dump of one database alters no {what}"
    if what == "subscription" and "owner" not in words:
        return "the server would connect to another one"
    if what in ("database", "role") and _READING & set(map(_plain, words)):
        return "it changes how the rest of the dump is read"
    return _loads(words) or ("" if what in ("function", "procedure", "aggregate") else _reaching_out(words))


def _update(_: Sequence[Token], words: Words) -> str:
    if words[:6] == ["update", "pg_catalog", ".", "pg_database", "set", "datistemplate"]:
        return ""
    return "pg_dump updates no rows: it may change the server's own catalog"


def _grant(_: Sequence[Token], words: Words) -> str:
    if "on" not in words:
        return "pg_dump of one database grants no role"
    return ""


_RULES: dict[str, Rule] = {
    "set": _set,
    "select": _select,
    "copy": _copy,
    "create": _create,
    "alter": _alter,
    "update": _update,
    "grant": _grant,
    "revoke": _grant,
    "insert": _insert,
    "refresh": _refresh,
    "comment": _passes,
    "drop": _passes,
    "security": _passes,
    "begin": _passes,
    "commit": _passes,
}
