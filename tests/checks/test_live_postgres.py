"""Sabotage of a live host's PostgreSQL backups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from checks.backups.test_live_backups import test_live_postgres_backup_restores as restores
from rehearsal.content.postgres import plant
from rehearsal.content.postgres_values import RICH
from rehearsal.gateway.description import Gateway
from rehearsal.replica import open_replica
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.results.model import Outcome
from rehearsal.runbook import read_runbook
from tests.checks.judge import Judge
from tests.checks.live_stand_in import FLIP, LiveHost, StandIn

LAST = "f=$(ls -1 backups/*.sql.gz | tail -n 1)"
NO_MANIFEST = f"{LAST}; rm $f.manifest"
SIGN = """m=$f.manifest; sed -i "s/\\"sha256\\": \\"[0-9a-f]*/\\"sha256\\": \\"$(sha256sum < $f | cut -c 1-64)/" $m
sed -i "s/\\"bytes\\": [0-9]*/\\"bytes\\": $(stat -c %s $f)/" $m"""
"""What somebody does who changes a dump and covers it up."""


def edited(program: str) -> str:
    """Return a script that passes the newest dump through a program."""
    return f"{LAST}; gunzip -c $f > x.sql && {program} && gzip -c x.sql > $f && rm x.sql\n{SIGN}"


def inserted(line: str) -> str:
    """Return a script that puts a line of its own into the newest dump."""
    return edited(f"sed -i '0,/^CREATE TABLE/s//{line}\\nCREATE TABLE/' x.sql")


@pytest.fixture(scope="module")
def host(reference: Gateway) -> Iterator[LiveHost]:
    """A host with content, a role of its own, and two backups."""
    with open_replica(reference) as replica:
        process = cast("ProcessReplica", replica)
        with replica.postgres() as connection:
            plant(connection, RICH)
            connection.execute("CREATE ROLE tracker LOGIN")
            connection.execute("CREATE TABLE tracked (id integer PRIMARY KEY, n integer CHECK (n > 0))")
            connection.execute("ALTER TABLE tracked OWNER TO tracker")
            connection.execute("INSERT INTO tracked SELECT n, n FROM generate_series(1, 100) n")
        runbook = read_runbook(reference.directory / reference.runbook)
        made = LiveHost(StandIn(process), Judge(replica, reference, runbook))
        made.backed_up("Backup Manual do PostgreSQL")
        made.run("touch -d 2020-01-01 backups/email-gateway-daily-20200101-020000.sql.gz")
        made.run("cp -a backups kept")
        yield made


@pytest.fixture
def live(host: LiveHost) -> Iterator[LiveHost]:
    """The host, with its backups as they were made."""
    yield host
    host.run("rm -rf backups && cp -a kept backups")


def test_good_backup_is_ok_and_the_host_is_as_it_was(live: LiveHost) -> None:
    """A whole backup restores, nothing is said against it, and neither files nor rows of the host have changed."""
    look = "find backups redis-backups -printf '%p %s %T@ %C@ %m\\n' | sort; sha256sum backups/*.gz"

    def rows() -> list[tuple[object, ...]]:
        with live.stand_in.replica.postgres() as connection:
            query = "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables ORDER BY 1"
            return connection.execute(query).fetchall()

    before = (live.run(look), rows())
    seen = live.verdict(restores)
    assert seen.outcome is Outcome.OK, (seen.message, seen.record.findings)
    said = " | ".join(getattr(one, "text", "") for one in seen.record.evidence)
    assert "of 2 backups" in said
    assert "lent tracker" in said
    assert "definitions of the live database" in said
    assert (live.run(look), rows()) == before


def test_backup_without_manifest_is_held_against_the_live_rows(live: LiveHost) -> None:
    """Without a manifest the live rows count, within the tolerance."""
    live.run(NO_MANIFEST)
    assert live.verdict(restores).outcome is Outcome.OK


SABOTAGES = {
    "truncated": (f"{LAST}; truncate -s $(($(stat -c %s $f) / 2)) $f\n{SIGN}", "ends too early"),
    "cut off in the copy": (f"{LAST}; truncate -s -1 $f", "sha256 is"),
    "one bit flipped": (f"{LAST}; {FLIP}\n{SIGN}", "is damaged"),
    "empty": (f"{LAST}; : > $f\n{SIGN}", "is empty"),
    "empty in its gzip": (f"{LAST}; gzip -c < /dev/null > $f\n{SIGN}", "is empty"),
    "no gzip": (f"{LAST}; echo nonsense > $f\n{SIGN}", "breaks off"),
    "without its end": (edited("sed -i '/database dump complete/d' x.sql"), "is not complete"),
    "cut off between statements": (edited("sed -i '/^COPY public.tracked/,$d' x.sql"), "is not complete"),
    "cut off within rows": (edited("sed -i '/^COPY public.tracked/{n;q}' x.sql"), "breaks off"),
    "stale by its time": (f"{LAST}; touch -d '-30 hours' $f", "RPO"),
    "stale by its manifest": (f"{LAST}; sed -i '/created/s/: \"20/: \"19/' $f.manifest", "RPO"),
    "only an old one": (f"{LAST}; rm $f $f.manifest", "RPO"),
    "none": ("rm backups/*", "found none"),
    "no folder": ("rm -r backups", "found none"),
    "only manifests": ("rm backups/*.sql.gz", "found none"),
    "of another database by its tables": (
        edited("sed -i 's/^CREATE TABLE [a-z_]*\\./CREATE TABLE other./' x.sql"), "dump of another database",
    ),
    "of another database by its name": (inserted("\\\\connect shop"), "another database: expected email_gateway"),
    "that creates another database": (inserted("CREATE DATABASE shop;"), "another database: expected email_gateway"),
    "without a table": (
        edited("sed -i '/^CREATE TABLE public.tracked/,/;/d; /TABLE public.tracked OWNER/d; "
               "/^COPY public.tracked/,/^\\\\\\.$/d; /^ALTER TABLE ONLY public.tracked/,/;/d' x.sql")
        + f"\n{NO_MANIFEST}",
        "table public.tracked",
    ),
    "without a primary key": (edited("sed -i '/^ALTER TABLE ONLY public.tracked/,/;/d' x.sql"), "tracked_pkey"),
    "with a weakened constraint": (edited("sed -i 's/CHECK ((n > 0))/CHECK ((n > -1))/' x.sql"), "n > 0"),
    "with fewer rows than its manifest says": (edited("sed -i '/^COPY public.tracked/{n;d}' x.sql"), "não confere"),
    "with fewer rows than the live table": (
        edited("sed -i '/^COPY public.tracked/{n;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;N;d}' x.sql")
        + f"\n{NO_MANIFEST}",
        "by more than 20 %",
    ),
    "with a manifest of another file": (f"{LAST}; sed -i 's/\"file\": \"e/\"file\": \"x/' $f.manifest", "file is"),
    "with a manifest of another size": (f"{LAST}; sed -i 's/\"bytes\": /\"bytes\": 1/' $f.manifest", "bytes is"),
    "with a manifest of another database": (f"{LAST}; sed -i 's/\"database\": \"/&x/' $f.manifest", "database is"),
    "with a manifest that is none": (f"{LAST}; echo '{{' > $f.manifest", "to be the JSON manifest"),
    "that runs a command": (inserted("\\\\! id"), "refused and not restored: line"),
    "that runs a program": (inserted("COPY x FROM PROGRAM $$id$$;"), "would run a program"),
    "that brings code": (inserted("CREATE FUNCTION f() RETURNS int LANGUAGE c AS $$a$$;"), "server's user"),
}  # fmt: skip


@pytest.mark.parametrize(("script", "words"), SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotaged_backup_is_seen(live: LiveHost, script: str, words: str) -> None:
    """Whatever is wrong with the newest backup is a critical finding that says what."""
    live.run(script)
    assert words in live.finding(restores, Outcome.CRITICAL)


def test_restore_that_checks_nothing_is_held_against_the_manifest(live: LiveHost, tmp_path: Path) -> None:
    """The rows are counted by the drill itself: where the runbook's restore looks at nothing, one row less is seen."""
    live.run(edited("sed -i '/^COPY public.tracked/{n;d}' x.sql"))
    old = "./scripts/restore-postgres.sh ./backups/email-gateway-daily-YYYYMMDD-HHMMSS.sql.gz"
    careless = (
        "docker-compose exec -T postgres psql -U postgres -c 'DROP DATABASE email_gateway WITH (FORCE)'"
        " -c 'CREATE DATABASE email_gateway'\n"
        "gunzip -c ./backups/email-gateway-daily-YYYYMMDD-HHMMSS.sql.gz | "
        "docker-compose exec -T postgres psql -q -U postgres -d email_gateway"
    )
    seen = live.verdict(restores, live.judge.reading(tmp_path, (old, careless)).runbook)
    assert seen.outcome is Outcome.CRITICAL
    assert "rows of public.tracked: expected 100 rows, found 99 rows" in seen.message


@pytest.mark.parametrize("form", ["custom", "tar"])
def test_other_form_of_dump_is_unknown(live: LiveHost, form: str) -> None:
    """A dump that is not plain SQL can't be looked into, and is neither restored nor called good."""
    live.run(f"{LAST}; docker-compose exec -T postgres pg_dump -U postgres -F {form[0]} email_gateway > $f\n{SIGN}")
    assert form in live.finding(restores, Outcome.UNKNOWN)
