"""The few system calls that Python 3.11 does not offer."""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import socket
import struct

MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x40000
_CLONE_NEWUSER = 0x10000000
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_RDONLY, _ATTR_NOSUID = 0x1, 0x2
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_PR_SET_CHILD_SUBREAPER = 36
_IPC_RMID = 0
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Mount a file system, or show a part of one a second time. Raises OSError."""
    result = _libc.mount(
        source.encode(), target.encode(), kind and kind.encode(), ctypes.c_ulong(flags), data and data.encode()
    )
    _check(result, f"mount {source} on {target}")


def make_readonly(target: str) -> None:
    """Make a mount and every mount below it read-only. Raises OSError (ENOSYS before Linux 5.12)."""
    attributes = struct.pack("QQQQ", _ATTR_RDONLY | _ATTR_NOSUID, 0, 0, 0)
    result = _libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR), _AT_FDCWD, target.encode(), _AT_RECURSIVE, attributes, ctypes.c_size_t(32)
    )
    _check(result, f"make {target} read-only")


def bind_readonly(source: str, target: str) -> None:
    """Show a file or folder at a second place, where nothing can be changed. Raises OSError."""
    mount(source, target, None, MS_BIND | MS_REC)
    make_readonly(target)


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root; the former root is then seen at `old`, which must lie in it. Raises OSError."""
    number = _PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(38, "pivot_root has no known number here", platform.machine())
    _check(_libc.syscall(ctypes.c_long(number), new.encode(), old.encode()), f"pivot_root {new}")


def detach(target: str) -> None:
    """Unmount now, and let go of it as soon as nobody uses it. Raises OSError."""
    _check(_libc.umount2(target.encode(), _MNT_DETACH), f"umount {target}")


def enter_user_namespace(uid: int) -> None:
    """Become `uid` in a user namespace of our own, without power over the mounts made before. Raises OSError.

    Only while there is one thread.
    """
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    _check(_libc.unshare(_CLONE_NEWUSER), "unshare the user namespace")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {outer_uid} 1"), ("gid_map", f"{uid} {outer_gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def bring_loopback_up() -> None:
    """Bring `lo` up in a network namespace that has nothing else. Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def remove_shared_memory(number: int) -> None:
    """Remove a segment of System V once no process uses it any more. Raises OSError."""
    _check(_libc.shmctl(number, _IPC_RMID, None), f"remove the shared memory {number}")


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends. Does nothing where the kernel has no such call."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
