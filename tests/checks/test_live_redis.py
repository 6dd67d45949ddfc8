"""Sabotage of a live host's Redis backups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from checks.backups.test_live_backups import test_live_redis_backup_restores as restores
from rehearsal.content import queue, redis, redis_values
from rehearsal.drills.mails import Mails
from rehearsal.gateway.description import Gateway
from rehearsal.replica import open_replica
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.results.model import Outcome
from rehearsal.runbook import read_runbook
from tests.checks.judge import Judge
from tests.checks.live_stand_in import FLIP, LiveHost, StandIn

LAST = "f=$(ls -1 redis-backups/*.tar.gz | tail -n 1); n=$(basename $f .tar.gz)"


def repacked(change: str) -> str:
    """Return a script that unpacks the newest backup into x/, changes it there, and packs it again."""
    return f"{LAST}; mkdir x; tar -C x -xzf $f; {change}; tar -C x -P -czf $f $(ls x); rm -r x"


UNSIGNED = "rm x/$n/manifest.json"


@pytest.fixture(scope="module")
def host(reference: Gateway) -> Iterator[LiveHost]:
    """A host with keys and jobs of every kind, and a backup of them."""
    with open_replica(reference) as replica:
        with replica.redis() as client:
            redis.plant(client, redis_values.RICH)
            queue.plant(client, queue.RICH)
        Mails(replica, reference).deliver("a mail of the live gateway")
        runbook = read_runbook(reference.directory / reference.runbook)
        made = LiveHost(StandIn(cast("ProcessReplica", replica)), Judge(replica, reference, runbook))
        made.backed_up("Backup Manual do Redis")
        made.run("cp -a redis-backups kept")
        for service in ("api", "worker"):
            replica.stop(service)  # what changes from here on, the check has changed
        yield made


@pytest.fixture
def live(host: LiveHost) -> Iterator[LiveHost]:
    """The host, with its backups as they were made."""
    yield host
    host.run("rm -rf redis-backups && cp -a kept redis-backups")


def test_good_backup_is_ok_and_the_host_is_as_it_was(live: LiveHost) -> None:
    """A whole backup restores, nothing is said against it, and neither files nor keys of the host have changed."""
    look = "find redis-backups -printf '%p %s %T@ %C@ %m\\n' | sort; sha256sum redis-backups/*.gz"

    def changes() -> object:
        with live.stand_in.replica.redis() as client:
            return client.info("persistence")["rdb_changes_since_last_save"]

    before = (live.run(look), changes())
    seen = live.verdict(restores)
    assert seen.outcome is Outcome.OK, (seen.message, seen.record.findings)
    said = " | ".join(getattr(one, "text", "") for one in seen.record.evidence)
    assert "the newest of 1 backups" in said
    assert "restored into" in said
    assert (live.run(look), changes()) == before


SABOTAGES = {
    "truncated": (f"{LAST}; truncate -s $(($(stat -c %s $f) / 2)) $f", "is damaged"),
    "one byte short": (f"{LAST}; truncate -s -1 $f", "is damaged"),
    "one bit flipped": (f"{LAST}; {FLIP}", "redis-backup-"),
    "empty": (f"{LAST}; : > $f", "is empty"),
    "no tar": (f"{LAST}; echo nonsense | gzip > $f", "is damaged"),
    "stale": (f"{LAST}; touch -d '-30 days' $f", "retention of 7 days"),
    "none": ("rm redis-backups/*", "found none"),
    "no folder": ("rm -r redis-backups", "found none"),
    "without its RDB": (repacked("rm x/$n/dump.rdb"), "holds no RDB"),
    "with a truncated RDB": (repacked(f"truncate -s 50 x/$n/dump.rdb; {UNSIGNED}"), "no whole RDB"),
    "with an empty RDB": (repacked(f": > x/$n/dump.rdb; {UNSIGNED}"), "no whole RDB"),
    "with no RDB in it": (repacked(f"head -c 2000 /dev/zero > x/$n/dump.rdb; {UNSIGNED}"), "no whole RDB"),
    "with a damaged RDB": (
        repacked("printf XXXX | dd of=x/$n/dump.rdb bs=1 seek=3000 conv=notrunc status=none; " + UNSIGNED),
        "restore-redis.sh",
    ),
    "with another RDB than its manifest says": (
        repacked("printf X | dd of=x/$n/dump.rdb bs=1 seek=3000 conv=notrunc status=none"),
        "SHA-256 differs",
    ),
    "with a manifest that is none": (repacked("echo nonsense > x/$n/manifest.json"), "no JSON object"),
    "with a way out by name": (
        repacked("touch x/y; tar -C x -P --transform='s,^y$,../../y,' -cf z.tar y $n; gzip -c z.tar > $f; cp $f q; "
                 "rm x/y z.tar") + "; mv q $f",
        "outside of its folder",
    ),
    "with an absolute name": (
        f"{LAST}; tar -P -czf $f /etc/hostname", "outside of its folder",
    ),
    "with a link": (repacked("ln -s /etc x/$n/etc"), "a link or a device"),
}  # fmt: skip


@pytest.mark.parametrize(("script", "words"), SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotaged_backup_is_seen(live: LiveHost, script: str, words: str) -> None:
    """Whatever is wrong with the newest backup is a critical finding that says what."""
    live.run(script)
    assert words in live.finding(restores, Outcome.CRITICAL)


def test_backup_of_an_empty_store_is_no_backup_of_a_full_one(live: LiveHost, reference: Gateway) -> None:
    """A backup that restores and brings back nothing is seen by what the live Redis holds."""
    with open_replica(reference) as empty:
        fresh = LiveHost(StandIn(cast("ProcessReplica", empty)), live.judge)
        fresh.run("docker-compose stop api worker")
        with empty.redis() as client:
            client.flushall()
        fresh.backed_up("Backup Manual do Redis")
        packed = fresh.run("base64 redis-backups/*.tar.gz")
    live.run(f"{LAST}; base64 -d > $f <<'END'\n{packed}\nEND")
    assert "no key at all" in live.finding(restores, Outcome.CRITICAL)
