"""What clients may say to the gateway's own parts: HTTP requests, queries and Redis commands that only read."""

from __future__ import annotations

import re

from rehearsal.live.arguments import ChangesError, Taken, Tool

_PLAIN_NAME = re.compile(r"[\w.-]+")
_REDIS_READS = frozenset(
    """ping info llen zcard scard hlen xlen scan sscan hscan zscan get mget hget hgetall hmget hexists hkeys lrange
    lindex zrange zrangebyscore zcount zscore smembers sismember exists ttl pttl type dbsize lastsave time strlen
    role xrange""".split()  # noqa: SIM905 - a list to be read
)
_TELLS_NO_SECRET = re.compile(r"(?!.*(pass|auth|user))[a-z-]+")
_REDIS_READS_OF = {
    "memory": ("usage", "stats"),
    "client": ("list", "info"),
    "slowlog": ("get", "len"),
    "object": ("encoding", "idletime", "refcount"),
    "latency": ("latest",),
    "xinfo": ("stream", "groups"),
}
_SQL_STARTS = ("select", "show", "with", "values", "table")
_SQL_CHANGES = frozenset(
    """insert update delete merge into drop alter create truncate copy grant revoke do call execute lock vacuum analyze
    analyse set reset notify listen share prepare begin start commit end_transaction rollback refresh reindex cluster
    checkpoint load discard declare import security comment""".split()  # noqa: SIM905 - a list to be read
)
# A function may do anything, a read-only transaction or not: pg_terminate_backend, lo_export, dblink, set_config.
_SQL_CALLS = frozenset(
    """count sum avg min max coalesce nullif greatest least now round abs ceil floor length lower upper trim substring
    extract date_trunc age to_char to_timestamp current_database current_schema version percentile_cont percentile_disc
    row_number rank string_agg array_agg bool_and bool_or pg_database_size pg_size_pretty pg_total_relation_size
    pg_relation_size pg_table_size pg_indexes_size pg_is_in_recovery pg_postmaster_start_time pg_backend_pid
    in from and or not where any all some exists over filter as on using by then when else select values with having
    interval cast case group join lateral between like union except intersect order limit distinct within
    char varchar numeric decimal""".split()  # noqa: SIM905 - a list to be read
)
_SQL_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|[^\W\d]\w*|\d[\d.]*|\s+|[()*,.=<>!+/%|:\[\]@~-]""")


def _curl(taken: Taken) -> None:
    for url in taken.operands + tuple(taken.values("url")):
        # curl speaks gopher and telnet, too, in which a URL is any command to any server.
        if not re.match(r"https?://[^\s]+\Z", url):
            msg = f"{url!r} is no address that begins with http:// or https://"
            raise ChangesError(msg)
    if any(value != "/dev/null" for value in taken.values("o", "output")):
        raise ChangesError("it writes to a file")
    if any(value not in ("GET", "HEAD") for value in taken.values("X", "request")):
        raise ChangesError("it sends a request that is neither GET nor HEAD")
    if any("%output" in value or value.startswith("@") for value in taken.values("w", "write-out", "H", "header")):
        raise ChangesError("its output format or header goes through a file")
    if not taken.operands:
        raise ChangesError("it names no address")


def _psql(taken: Taken) -> None:
    queries = taken.values("c", "command")
    if not queries and not taken.has("l", "list"):
        raise ChangesError("psql reads commands from its input; give one query with -c")
    names = [*taken.values("d", "dbname", "U", "username", "h", "host", "p", "port"), *taken.operands]
    for name in names:
        if not _PLAIN_NAME.fullmatch(name) and not re.fullmatch(r"/[\w./-]+", name):
            msg = f"{name!r} is no plain name of a database, user or host"
            raise ChangesError(msg)
    for query in queries:
        _only_selects(query)


def _only_selects(query: str) -> None:
    text = query.strip().removesuffix(";")
    if "\\" in text:
        raise ChangesError("the query has a backslash, which may end a string or begin a command of psql")
    words: list[str] = []
    place = 0
    while place < len(text):
        token = _SQL_TOKEN.match(text, place)
        if not token or text.startswith(("--", "/*"), place):
            msg = f"the query has {text[place : place + 10]!r}, which may be more than reading"
            raise ChangesError(msg)
        place = token.end()
        if not token[0].isspace():
            words.append(token[0])
    if not words or words[0].lower() not in _SQL_STARTS:
        raise ChangesError("the query is no SELECT or SHOW")
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word.lower() in _SQL_CHANGES:
            msg = f"the query says {word}"
            raise ChangesError(msg)
        calls = after == "(" and (word[0] == '"' or word[0].isidentifier())
        if calls and (before == "." or word.lower() not in _SQL_CALLS):
            msg = f"the query calls {word}, which may change something"
            raise ChangesError(msg)


def _redis(taken: Taken) -> None:
    first, *rest = [word.lower() for word in taken.operands] or [""]
    if (first, *rest[:1]) == ("config", "get") and len(rest) > 1 and all(map(_TELLS_NO_SECRET.fullmatch, rest[1:])):
        return
    if first in _REDIS_READS or (rest and rest[0] in _REDIS_READS_OF.get(first, ())):
        return
    msg = f"the Redis command {' '.join(taken.operands[:2]) or 'on its input'!r} is not known to only read"
    raise ChangesError(msg)


def _openssl(taken: Taken) -> None:
    if not taken.has("noout"):
        raise ChangesError("it lacks -noout")


CURL = Tool(
    "fsSIkLvi46g",
    "mHAwoX",
    "fail silent show-error head location insecure compressed retry-all-errors retry-connrefused include verbose",
    "max-time connect-timeout retry retry-delay retry-max-time header user-agent write-out output request cacert url",
    more=_curl,
)
PSQL = Tool(
    "XAtqwxl",
    "UdhpcFR",
    "no-psqlrc no-align tuples-only quiet csv no-password expanded list",
    "command username dbname host port field-separator",
    operands=2,
    more=_psql,
)
REDIS = Tool("", "hpna", "no-auth-warning raw no-raw csv json", "user pass", ordered=True, more=_redis)
PG_ISREADY = Tool("q", "hpUdt", "quiet", "host port username dbname timeout", operands=0)
OPENSSL_X509 = Tool(
    long="noout enddate startdate dates subject issuer serial fingerprint text pubkey email sha256",
    long_valued="in checkend inform nameopt ext",
    single=True,
    operands=0,
    more=_openssl,
)
