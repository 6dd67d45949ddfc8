"""Builds the file system that the replica sees, and enters it. Nothing of the machine is writable from inside."""

from __future__ import annotations

import os
import random
import resource
import shutil
import socket
import stat

from rehearsal.replica.processes.plan import Plan
from rehearsal.replica.processes.supervisor import kernel, layout

OPERATOR = 1000
_MOST_PROCESSES = 4096
_PROGRAMS = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt", "nix", "gnu")
# Shown entry by entry: redis.conf has its place in /usr/local/etc, and many a gateway in /opt.
_OPENED = frozenset({"usr", "usr/local", "usr/local/etc", "opt"})
_ETC_BOUND = ("ssl/certs", "pki/tls/certs", "pki/ca-trust", "alternatives", "terminfo", "profile.d", "crypto-policies")
_ETC_COPIED = (
    "ld.so.cache",
    "ld.so.conf",
    "localtime",
    "timezone",
    "mime.types",
    "protocols",
    "services",
    "profile",
    "bash.bashrc",
    "os-release",
    "debian_version",
    "ssl/openssl.cnf",
    "pki/tls/openssl.cnf",
)
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_SAFE = kernel.MS_NOSUID | kernel.MS_NODEV
_NAMES = ("operator", "postgres", "redis", "nginx", "www-data")
OWN = "/run/rehearsal"
FIGURES = ("meminfo", "stat", "loadavg", "cpuinfo")


def enter(plan: Plan) -> None:
    """Leave the machine's file system for the replica's own. Raises OSError where the kernel refuses."""
    socket.sethostname(plan.project)
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    # Everything of the machine moves to /old first: the new root may then use any path, /tmp included.
    kernel.mount("tmpfs", "/tmp", "tmpfs", _SAFE, "size=1m,mode=755")
    os.mkdir("/tmp/old")
    kernel.pivot_root("/tmp", "/tmp/old")
    os.chdir("/")
    os.mkdir("/new")
    # The name shows in `df`: scripts leave out what is called tmpfs. One inode for 16 KiB, as ext4 has.
    disk = f"size={plan.disk_mib}m,nr_inodes={plan.disk_mib * 64},mode=755"
    kernel.mount("/dev/replica", "/new", "tmpfs", _SAFE, disk)
    _make_tmp(plan)
    _show_programs(plan)
    _make_etc(plan)
    _make_devices()
    _make_proc()
    _make_own_folder()
    _limit(plan)
    os.chdir("/new")
    os.mkdir("old")
    kernel.pivot_root(".", "./old")
    os.chdir("/")
    for name in layout.copy_gateway("/old/old" + plan.source, plan, brought=False):
        os.mkdir(f"{plan.directory}/{name}")
        kernel.bind_readonly(f"/old/old{plan.source}/{name}", f"{plan.directory}/{name}")
    kernel.detach("/old")
    os.rmdir("/old")
    kernel.bring_loopback_up()
    kernel.enter_user_namespace(OPERATOR)


def _show_programs(plan: Plan) -> None:
    for name in _PROGRAMS:
        _show(name, plan)
    for source, target in plan.binds:
        if not os.path.lexists(f"/new{target}"):
            os.makedirs(f"/new{target}")
            kernel.bind_readonly(f"/old{source}", f"/new{target}")


def _show(name: str, plan: Plan) -> None:
    # In /opt stand programs, and the gateway itself on many a host: what it keeps there is not for its replica.
    if f"/{name}" == plan.directory or (name.startswith("opt/") and f"{plan.source}/".startswith(f"/{name}/")):
        return
    source, target = f"/old/{name}", f"/new/{name}"
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
    elif name in _OPENED:
        os.mkdir(target)
        for entry in os.listdir(source):
            _show(f"{name}/{entry}", plan)
    elif os.path.isdir(source):
        os.mkdir(target)
        kernel.bind_readonly(source, target)


def _make_etc(plan: Plan) -> None:
    for name in _ETC_BOUND:
        if os.path.isdir(f"/old/etc/{name}"):
            os.makedirs(f"/new/etc/{name}")
            kernel.bind_readonly(f"/old/etc/{name}", f"/new/etc/{name}")
    for name in _ETC_COPIED:
        # A link is followed from the machine's root, which lies at /old for now.
        path = os.path.realpath(f"/old/etc/{name}")
        path = path if path.startswith("/old/") else f"/old{path}"
        if os.path.isfile(path):
            os.makedirs(os.path.dirname(f"/new/etc/{name}"), exist_ok=True)
            shutil.copyfile(path, f"/new/etc/{name}")
    home = f"{OPERATOR}:{OPERATOR}::/home/operator:/bin/bash"
    users = ["root:x:0:0::/root:/bin/bash", *(f"{name}:x:{home}" for name in _NAMES)]
    groups = ["root:x:0:", *(f"{name}:x:{OPERATOR}:" for name in _NAMES)]
    texts = {
        "passwd": "\n".join([*users, "nobody:x:65534:65534::/nonexistent:/bin/false"]),
        "group": "\n".join([*groups, "nogroup:x:65534:"]),
        "hosts": f"127.0.0.1 localhost {' '.join(plan.hosts)} {plan.project}",
        "hostname": plan.project,
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files",
        "resolv.conf": "",
    }
    for name, text in texts.items():
        _write(f"/new/etc/{name}", text + "\n")


def _make_devices() -> None:
    os.makedirs("/new/dev/shm")
    kernel.mount("tmpfs", "/new/dev/shm", "tmpfs", _SAFE, "size=256m,mode=1777")
    for name in _DEVICES:
        _write(f"/new/dev/{name}", "")
        kernel.mount(f"/old/dev/{name}", f"/new/dev/{name}", None, kernel.MS_BIND)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"/new/dev/{name}")


def _make_tmp(plan: Plan) -> None:
    # A file system of its own, as on many a host: what is moved from here to a full disk is copied, and may be cut off.
    # Before the programs: where the project lies below /tmp, they are shown there.
    os.mkdir("/new/tmp")
    kernel.mount("tmpfs", "/new/tmp", "tmpfs", _SAFE, f"size={plan.disk_mib}m,mode=1777")


def _make_proc() -> None:
    os.mkdir("/new/proc")
    kernel.mount("proc", "/new/proc", "proc", _SAFE)
    # Services bind 80 and 443 without being root.
    _write("/new/proc/sys/net/ipv4/ip_unprivileged_port_start", "0")
    # Where the machine's root started the run, files of /proc that only root may write or read know it as root.
    for name in os.listdir("/new/proc"):
        path = f"/new/proc/{name}"
        mode = os.lstat(path).st_mode
        if name.isdigit() or stat.S_ISLNK(mode):
            continue
        if not mode & 0o004:
            kernel.mount("/new/dev/null", path, None, kernel.MS_BIND)
        elif stat.S_ISDIR(mode) or mode & 0o222:
            kernel.bind_readonly(path, path)


def _make_own_folder() -> None:
    # Logs, mails and figures have a file system of their own: on a full disk they are still written.
    os.makedirs(f"/new{OWN}")
    kernel.mount("rehearsal", f"/new{OWN}", "tmpfs", _SAFE, "size=256m,mode=755")
    for name in ("logs", "proc"):
        os.mkdir(f"/new{OWN}/{name}")
    for name in FIGURES:
        # The machine's own words first: `stat` holds the boot time, `cpuinfo` what a processor is.
        shutil.copyfile(f"/new/proc/{name}", f"/new{OWN}/proc/{name}")
        kernel.mount(f"/new{OWN}/proc/{name}", f"/new/proc/{name}", None, kernel.MS_BIND)


def _limit(plan: Plan) -> None:
    allowed = sorted(os.sched_getaffinity(0))
    # A kernel control group needs root: the processors that may be used are limited in its place, whole ones only.
    os.sched_setaffinity(0, random.sample(allowed, min(len(allowed), max(1, -int(-plan.cpus // 1)))))
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    most = _MOST_PROCESSES if hard == resource.RLIM_INFINITY else min(_MOST_PROCESSES, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)
