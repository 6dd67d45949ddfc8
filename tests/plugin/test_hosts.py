"""Runs over hosts that are made up: who is looked at, in which order, and what is said of each."""

from __future__ import annotations

import os
import signal
import sys

import psutil
import pytest

from rehearsal.results.store import verify
from tests.plugin.hosts import CHECKS, CONFTEST
from tests.plugin.house import House
from tests.runs.running import started, wait_for

TWO = "--hosts=ssh://a,ssh://b"


@pytest.fixture
def house(pytester: pytest.Pytester) -> House:
    """A house whose checks look at hosts."""
    made = House(pytester)
    (made.path / "conftest.py").write_text(CONFTEST)
    made.checks(CHECKS)
    return made


def noted(house: House, word: str) -> list[str]:
    """Return what was noted with this word, in its order."""
    log = house.path / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    return [line.split()[1] for line in lines if line.startswith(word + " ")]


def node_ids(house: House) -> set[str]:
    """Return the node ids of the latest run, from the test's name on."""
    return {one["node_id"].split("::", 1)[1] for one in house.results()["results"]}


def test_one_host_leaves_node_ids_as_they_are(house: House) -> None:
    """With one host the node ids are those of a replica, as waivers and history know them."""
    assert house.run("--hosts=ssh://a").ret == 0
    assert node_ids(house) == {"test_up[nginx]", "test_up[redis]", "test_disk"}
    assert {one["target"] for one in house.results()["results"]} == {"ssh://a"}
    run = house.results()["run"]
    assert (run["target"], run["is_replica"]) == ("ssh://a", False)
    assert run["versions"]["postgres"] == "16 of ssh://a"


def test_several_hosts_are_each_looked_at(house: House) -> None:
    """With several the host is in the node id, each result names it, and each host has its row with its counts."""
    assert house.run("--hosts=ssh://a,ssh://bad").ret == 1
    ids = {f"test_up[{host}-{service}]" for host in ("ssh://a", "ssh://bad") for service in ("nginx", "redis")}
    assert node_ids(house) == ids | {"test_disk[ssh://a]", "test_disk[ssh://bad]"}
    assert all(one["target"] in one["node_id"] for one in house.results()["results"])
    rows = {row["name"]: row["counts"] for row in house.results()["run"]["targets"]}
    assert rows == {"ssh://a": {"ok": 3}, "ssh://bad": {"ok": 1, "critical": 2}}
    page = (house.latest / "report.html").read_text()
    assert "nginx is down on ssh://bad" in page.partition('<section class="targets">')[2].partition("</section>")[0]


def test_first_and_last_line_name_the_hosts(house: House) -> None:
    """Whoever reads one line of a run knows which hosts it looked at."""
    lines = [line for line in house.run("--hosts=ssh://a,ssh://bad").outlines if line.strip()]
    assert lines[0].startswith("Rehearsal looks at: ssh://a, ssh://bad,")
    assert lines[-1].startswith("ssh://a, ssh://bad: 4 ok, 2 critical")
    assert "critical: ssh://bad: Serviços: nginx is down" in lines[-1]


def test_many_hosts_are_counted_and_the_worst_named(house: House) -> None:
    """Fifty names would hide the two that matter."""
    hosts = ",".join([*(f"ssh://h{number}" for number in range(48)), "ssh://bad", "ssh://gone"])
    lines = [line for line in house.run(f"--hosts={hosts}").outlines if line.strip()]
    assert lines[0].startswith("Rehearsal looks at: 50 hosts,")
    assert lines[-1].startswith("50 hosts: 145 ok, 3 unknown, 2 critical; worst: ssh://bad (2 failed), ssh://gone (3 f")


def test_default_of_gateway_toml_is_looked_at(house: House) -> None:
    """Without --hosts a run looks at the target that gateway.toml names, and says so."""
    house.gateway('name = "toy"\n[target]\ndefault = "ssh://operator@gw1"\n')
    lines = [line for line in house.run().outlines if line.strip()]
    assert "looks at: ssh://operator@gw1" in lines[0]
    assert noted(house, "open") == ["ssh://operator@gw1"]


def test_name_alone_is_reached_by_ssh_or_the_connection_that_is_named(house: House) -> None:
    """`--hosts=gw1` means ssh://gw1, and testinfra's --connection another way."""
    house.run("--hosts=gw1")
    house.run("--hosts=gw1", "--connection=docker")
    assert noted(house, "open") == ["ssh://gw1", "docker://gw1"]


def test_host_is_closed_when_its_last_check_has_ended(house: House) -> None:
    """One host is open at a time, once, and not longer than for its checks."""
    house.run(TWO)
    lines = [line.split()[:2] for line in (house.path / "log").read_text().splitlines()]
    order = [["open"], ["check"], ["check"], ["close"]]
    assert lines == [[*step, host] for host in ("ssh://a", "ssh://b") for step in order]


def test_unreachable_host_is_unknown_at_once_and_told_once(house: House) -> None:
    """Its checks are unknown in the same words after one attempt, and the other hosts are looked at."""
    done = house.run("--hosts=ssh://gone,ssh://a")
    assert done.ret == 1
    by_host: dict[str, set[tuple[str, str]]] = {}
    for one in house.results()["results"]:
        by_host.setdefault(one["target"], set()).add((one["outcome"], one["message"]))
    assert by_host["ssh://gone"] == {("unknown", "ssh://gone can't be reached within 10 s: check its address")}
    assert {outcome for outcome, _ in by_host["ssh://a"]} == {"ok"}
    assert noted(house, "open").count("ssh://gone") == 1
    text = " ".join("\n".join(done.outlines).split())
    assert 1 <= text.count("can't be reached within 10 s") <= 2
    assert "2 more checks are unknown for a reason that is told above" in text


def test_drill_on_a_live_target_is_refused(house: House) -> None:
    """A drill that asks for the target while it is live is refused before anything is opened."""
    house.checks(CHECKS.replace("def test_up", "@pytest.mark.drill\ndef test_up"))
    assert house.run("--hosts=ssh://a", "-m", "drill").ret == 1
    results = house.results()["results"]
    assert {one["outcome"] for one in results} == {"unknown"}
    assert all("the drill is refused, and nothing was run" in one["message"] for one in results)
    assert not (house.path / "log").exists()


def test_daily_check_that_takes_a_replica_is_refused(house: House) -> None:
    """A check that is said to only read may not ask for something to break."""
    house.checks('def test_it(replica, evidence):\n    """O."""\n')
    done = house.run("--hosts=ssh://a")
    assert done.ret == 4
    assert "takes a replica to break: mark it as a drill" in "\n".join(done.outlines + done.errlines)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--hosts=", "found an empty name"),
        ("--hosts=ssh://a,,ssh://b", "found an empty name"),
        ("--hosts=ssh://operator:sesame-4711@a", "expected a host without a password"),
        ("--hosts=telnet://a", "expected a host as one of local://, ssh://"),
        ("--hosts=ansible://nobody", "nobody"),
        ("--nagios", "--nagios can't be used"),
        ("--sudo", "--sudo can't be used"),
        ("--ssh-extra-args=-v", "write them into a file for --ssh-config"),
    ],
)
def test_what_can_not_be_looked_at_is_one_sentence(house: House, argument: str, words: str) -> None:
    """Names that mean no host, and a password that would stand in the report, end the run before it begins."""
    done = house.run(argument)
    text = "\n".join(done.outlines + done.errlines)
    assert done.ret == 4
    assert words in text
    assert "Traceback" not in text
    assert "sesame-4711" not in text
    assert not (house.path / "reports").exists()


def test_workers_share_hosts_and_write_one_report(house: House) -> None:
    """With -n each host is opened once by one worker, and the report is that of one run."""
    hosts = [f"ssh://h{number}" for number in range(6)]
    done = house.run("--hosts=" + ",".join([*hosts, "ssh://bad", "ssh://gone"]), "-n", "3")
    assert done.ret == 1
    assert sorted(noted(house, "open")) == sorted([*hosts, "ssh://bad", "ssh://gone"])
    assert len(noted(house, "close")) == 7
    assert len({line.split()[2] for line in (house.path / "log").read_text().splitlines() if "open" in line}) == 3
    (folder,) = [path for path in (house.path / "reports").iterdir() if not path.is_symlink()]
    assert verify(folder) == []
    run = house.results()["run"]
    rows = {row["name"]: row["counts"] for row in run["targets"]}
    assert rows == {host: {"ok": 3} for host in hosts} | {
        "ssh://bad": {"ok": 1, "critical": 2},
        "ssh://gone": {"unknown": 3},
    }
    assert {row["versions"].get("postgres") for row in run["targets"]} == {
        f"16 of {h}" for h in [*hosts, "ssh://bad"]
    } | {None}
    covered = {row["heading"]: len(row["checks"]) for row in house.results()["coverage"]}
    assert (covered["Serviços"], covered["Discos"], covered["Backups"]) == (14, 7, 0)
    assert run["exit_status"] == 1


def test_worker_that_dies_leaves_its_check_unknown(house: House) -> None:
    """A check whose process died was not seen: it has a result, and the run fails."""
    house.checks(CHECKS + 'def test_dies(target, evidence):\n    """D."""\n    import os\n    os._exit(9)\n')
    assert house.run(TWO, "-n", "2", "--max-worker-restart=4").ret == 1
    lost = {one["node_id"].split("::")[1]: one for one in house.results()["results"] if "dies" in one["node_id"]}
    assert {one["outcome"] for one in lost.values()} == {"unknown"}
    assert set(lost) == {"test_dies[ssh://a]", "test_dies[ssh://b]"}
    assert all("ended before the check did" in one["message"] for one in lost.values())


def test_workers_mask_what_only_they_know(house: House) -> None:
    """A secret that a worker met is masked in what it hands over: the controller does not know it."""
    house.checks(
        'def test_it(target, evidence):\n    """O."""\n    print("sentinel-of-a-host")\n'
        '    evidence.critical("it said sentinel-of-a-host")\n'
        '@pytest.fixture\ndef thing(target):\n    yield\n    raise RuntimeError("sentinel-of-a-host")\n'
        'def test_clean(thing, evidence):\n    """O."""\n    evidence.saw("it")\n'
    )
    done = house.run(TWO, "-n", "2")
    assert {one["outcome"] for one in house.results()["results"]} == {"critical", "unknown"}
    written = [path for path in house.latest.iterdir() if path.is_file()]
    assert len(written) >= 4
    assert [path.name for path in written if "sentinel-of-a-host" in path.read_text()] == []
    assert "sentinel-of-a-host" not in "\n".join(done.outlines)


def test_selection_of_nothing_with_workers(house: House) -> None:
    """A selection without checks is no success with -n either."""
    done = house.run(TWO, "-n", "2", "-m", "drill")
    assert done.ret == 1
    assert "-m 'drill' selects no check: nothing was verified" in "\n".join(done.outlines)


@pytest.mark.parametrize("to_all", [True, False], ids=["ctrl-c", "controller-only"])
def test_interrupted_workers_keep_the_report(house: House, *, to_all: bool) -> None:
    """Ctrl-C with -n keeps what was seen until then, sections included, and ends the workers."""
    house.checks(
        CHECKS + "def test_wait(target, evidence):\n"
        '    """S."""\n    import os, time\n    open("waits", "w").write(str(os.getpid()))\n    time.sleep(60)\n'
    )
    waits = house.path / "waits"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--hosts=ssh://a", "-n", "1"]
    with started(command, house.path, {}, alone=True) as run:
        wait_for(lambda: waits.exists() and bool(waits.read_text()), 60, "the last check")
        os.killpg(run.pid, signal.SIGINT) if to_all else run.send_signal(signal.SIGINT)
        run.communicate(timeout=30)
        assert run.returncode == 2
    wait_for(lambda: not psutil.pid_exists(int(waits.read_text())), 5, "the end of the worker")
    results = house.results()
    assert [one["node_id"].split("::")[1] for one in results["results"] if one["outcome"] == "ok"] == [
        "test_up[nginx]",
        "test_up[redis]",
        "test_disk",
    ]
    assert {row["heading"] for row in results["coverage"] if row["checks"]} == {"Serviços", "Discos"}
    assert (house.latest / "SHA256SUMS").is_file()
