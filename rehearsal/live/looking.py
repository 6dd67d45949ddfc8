"""Programs that look at a host beyond the common ones: units and journals, sockets, archives, and small filters."""

from __future__ import annotations

import re

from rehearsal.live.arguments import ChangesError, Taken, Tool

_UNITS = frozenset(
    """status show cat is-active is-enabled is-failed is-system-running list-units list-unit-files list-timers
    list-sockets list-dependencies""".split()  # noqa: SIM905 - a list to be read
)
_FINDS = {
    **dict.fromkeys(("-print", "-ls", "-empty", "-not", "-o", "-a", "-xdev", "-mount", "-nouser", "-nogroup"), 0),
    **dict.fromkeys(("-name", "-iname", "-path", "-ipath", "-type", "-size", "-mtime", "-mmin", "-ctime", "-cmin"), 1),
    **dict.fromkeys(("-atime", "-amin", "-maxdepth", "-mindepth", "-newer", "-newermt", "-user", "-group"), 1),
    **dict.fromkeys(("-perm", "-printf"), 1),
}
"""Tests of `find`, and how many words each takes; -delete, -exec, -fprint and the like are none of them."""
_ASKS = frozenset(("-e", "-f", "-d", "-r", "-w", "-x", "-s", "-L", "-h", "-n", "-z"))
"""Questions of `test`. Not `-v`, which evaluates what stands between the brackets of its word."""
_COMPARES = frozenset(("=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot"))
_FIELD = r"""(?:\$(?:\d+|NF)|NF|NR|"[^"\\]*")"""
_AWK = re.compile(
    rf"""\s*(?: (?: NR|NF|\$\d+|\$NF ) \s* (?: ==|!=|>=?|<=?|!?~ ) \s* (?: \d+ | "[^"\\]*" | /[^/\\]*/ ) | /[^/\\]*/ )?
    \s* \{{ \s* print (?: \s+ {_FIELD} (?: [\s,]+ {_FIELD} )* )? \s*;?\s* \}} \s*""",
    re.VERBOSE,
)
"""`{print $1, $5}`, with or without a condition: no pipe, no file, no function."""
_SED = re.compile(r"\d+(?:,(?:\d+|\$))?p|\$p|/[^/\\]*/p|s([/|,:])(?:(?!\1)[^\\]|\\.)*\1(?:(?!\1)[^\\]|\\.)*\1[gpI0-9]*")
"""Printing of lines, and a substitution without the flags `w` and `e`."""
_PRINTF = re.compile(r"(?:[^%]|%%|%[-+ 0#]*\d*(?:\.\d+)?[sdiuxXofeg])*")
"""No `%n`, which assigns."""


def _matches(what: str, form: re.Pattern[str], word: str) -> None:
    if not form.fullmatch(word):
        msg = f"{what} {word!r} is more than is known to only read"
        raise ChangesError(msg)


def _awk(taken: Taken) -> None:
    _matches("the program", _AWK, taken.operands[0] if taken.operands else "")


def _sed(taken: Taken) -> None:
    _matches("the script", _SED, taken.operands[0] if taken.operands else "")


def _printf(taken: Taken) -> None:
    if taken.operands[:1] and taken.operands[0].startswith("-"):
        raise ChangesError("printf assigns to a variable")
    _matches("the format", _PRINTF, taken.operands[0] if taken.operands else "")


def _systemctl(taken: Taken) -> None:
    if taken.operands and taken.operands[0] not in _UNITS:
        msg = f"'systemctl {taken.operands[0]}' is not known to only read"
        raise ChangesError(msg)


def _twice(taken: Taken) -> None:
    if len(taken.operands) == 1:
        raise ChangesError("it never ends without a count")


def _gzip(taken: Taken) -> None:
    if not (taken.has("t", "l", "c") or taken.has("test", "list", "stdout")):
        raise ChangesError("it replaces the file, without -t, -l or -c")


def _ping(taken: Taken) -> None:
    if not taken.values("c"):
        raise ChangesError("it never ends without -c")


def _nc(taken: Taken) -> None:
    if not taken.has("z"):
        raise ChangesError("it sends what it is given, without -z")


def _command(taken: Taken) -> None:
    if not taken.has("v"):
        raise ChangesError("it runs a program, without -v")


def _find(taken: Taken) -> None:
    words = list(taken.operands)
    while words and not words[0].startswith("-"):
        words.pop(0)
    while words:
        word = words.pop(0)
        if word not in _FINDS or len(words) < _FINDS[word]:
            msg = f"{word!r} of find is not known to only read"
            raise ChangesError(msg)
        del words[: _FINDS[word]]


def _test(taken: Taken) -> None:
    words = [word for word in taken.operands if word != "!"]
    one = len(words) == 1 and not words[0].startswith("-")
    asked = len(words) == 2 and words[0] in _ASKS  # noqa: PLR2004 - a question and what it is about
    compared = len(words) == 3 and words[1] in _COMPARES  # noqa: PLR2004 - two and what is between
    if not (one or asked or compared):
        raise ChangesError("its test is not known to only read")


def _bracket(taken: Taken) -> None:
    if taken.operands[-1:] != ("]",):
        raise ChangesError("its test has no end")
    _test(Taken((), taken.operands[:-1]))


def _tar(taken: Taken) -> None:
    mode, *rest = taken.operands or ("",)
    # A name with a colon is on another host, which tar asks for by a program.
    if not re.fullmatch(r"-?[tvzjJ]*t[tvzjJ]*f", mode) or any(":" in word or word.startswith("-") for word in rest):
        raise ChangesError("of tar, only listing (-tf) is known to only read")


def _ip(taken: Taken) -> None:
    words = [word for word in taken.operands if word not in ("-4", "-6", "-br", "-brief", "-s", "-o", "-j", "-c")]
    what, how, *_ = [*words, "", ""]
    known = ("a", "addr", "address", "l", "link", "r", "route", "n", "neigh", "rule")
    if what not in known or how not in ("", "show", "list", "ls") or any(word.startswith("-") for word in words):
        raise ChangesError("of ip, only showing is known to only read")


_DIGEST = Tool("c", "", "check quiet status")
LOOKING = {
    "[": Tool(raw=True, more=_bracket),
    "awk": Tool("", "F", ordered=True, more=_awk),
    "basename": Tool(operands=2),
    "cd": Tool(operands=1),
    "cksum": Tool(),
    "cmp": Tool("s", operands=2),
    "column": Tool("t", "s"),
    "command": Tool("v", more=_command),
    "comm": Tool("123", operands=2),
    "diff": Tool("qurbwB", "U", "brief recursive unified", operands=2),
    "dig": Tool("46", "tpq"),
    "dirname": Tool(),
    "dmesg": Tool("Txku", "lf", "ctime human-readable", "level facility", operands=0),
    "file": Tool("bLki", "", "brief mime-type mime", operands=None),
    "find": Tool(raw=True, more=_find),
    "getent": Tool(),
    "gunzip": Tool("tlcqv", "", "test list stdout quiet verbose", more=_gzip),
    "gzip": Tool("tlcdqv", "", "test list stdout quiet verbose decompress", more=_gzip),
    "host": Tool("v", "tW", operands=2),
    "iostat": Tool("xkmcdtyhz", operands=None, more=_twice),
    "ip": Tool(raw=True, more=_ip),
    "journalctl": Tool(
        "akeqxrm",
        "nuptSUog",
        "no-pager quiet reverse utc no-hostname catalog dmesg all no-full full pager-end",
        "lines unit since until priority output grep identifier boot",
        optional="b",
    ),
    "jq": Tool("rcMeSsnj", "", "raw-output compact-output exit-status sort-keys slurp null-input"),
    "last": Tool("aFiwx", "n", number=True),
    "lsblk": Tool("fabdlnpmtS", "o", "all fs json bytes nodeps noheadings", "output"),
    "lscpu": Tool(operands=0),
    "lsof": Tool("nPtl", "piuc"),
    "md5sum": _DIGEST,
    "nc": Tool("zvnu46", "w", operands=2, more=_nc),
    "netstat": Tool("tulnpaesrwieW46o"),
    "nslookup": Tool(operands=2),
    "pgrep": Tool("flaxcnoivw", "uPgtd", "full list-full list-name exact count"),
    "pidof": Tool("sx"),
    "ping": Tool("46nq", "cWwi", operands=1, more=_ping),
    "printf": Tool(raw=True, more=_printf),
    "readlink": Tool("fem"),
    "realpath": Tool("em"),
    "sed": Tool("nEr", "", "quiet silent regexp-extended", more=_sed),
    "seq": Tool("w", "s"),
    "sha1sum": _DIGEST,
    "sha512sum": _DIGEST,
    "ss": Tool("tulnpaexmiswoHr46", "", "tcp udp listening numeric processes all summary no-header", ""),
    "systemctl": Tool(
        "alq",
        "tnpo",
        "no-pager all failed full quiet plain no-legend value user",
        "type state lines property output",
        more=_systemctl,
    ),
    "tac": Tool(),
    "tar": Tool(raw=True, more=_tar),
    "test": Tool(raw=True, more=_test),
    "type": Tool("at"),
    "vmstat": Tool("aswn", "S", operands=2, more=_twice),
    "w": Tool("hsfi"),
    "which": Tool("a"),
    "who": Tool("abHqu", operands=0),
    "zcat": Tool("qf"),
}
