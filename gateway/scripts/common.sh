# shellcheck shell=bash
# What the scripts share. Sourced, not run; the sourcing script has set -euo pipefail.

export LC_ALL=C
SCRIPT="$(basename "$0" .sh)"
# Written to as well where the operator has created it; made by nobody else, so that a trial leaves no trace in /var/log.
LOG_FILE="${LOG_FILE:-}"

say() {
    local line
    line="$(date -u +%Y-%m-%dT%H:%M:%SZ) $SCRIPT: $*"
    printf '%s\n' "$line"
    if [[ -n $LOG_FILE && -f $LOG_FILE && -w $LOG_FILE ]]; then
        printf '%s\n' "$line" >>"$LOG_FILE"
    fi
}

die() {
    say "FALHA: $*" >&2
    exit "${DIE_STATUS:-1}"
}

need() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || die "o programa '$program' não está no PATH deste host; instale-o e repita."
    done
}

# check_days WORD: a number of days from 1 to 99999, or the end.
check_days() {
    [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] || die "esperava um número de dias a partir de 1, recebi '$1'."
}

# hold_lock FILE: wait for our turn; the lock goes with the process, SIGKILL included.
hold_lock() {
    exec 9>"$1"
    flock -w "${LOCK_WAIT_SECONDS:-600}" 9 ||
        die "outro $SCRIPT está em andamento (trava $1); espere que termine e repita."
}

# limited SECONDS COMMAND...: run with a time limit, in the background, so that a signal to the script is heard at once.
limited() {
    timeout --kill-after=10 "$@" 9>&- &
    wait "$!"
}

# on_exit FUNCTION: clean up however the script ends. Children are ended first; they would go on writing.
on_exit() {
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    # shellcheck disable=SC2064 # the name is known now
    trap "end_children; $1" EXIT
}

end_children() {
    local pids
    pids="$(jobs -p)"
    # shellcheck disable=SC2086 # one word for each process
    [[ -z $pids ]] || kill $pids 2>/dev/null || true
}

stamp() {
    date -u +%Y%m%d-%H%M%S
}

# rotate DIR PREFIX SUFFIX DAYS NEWEST: delete DIR/PREFIX-YYYYMMDD-HHMMSS.SUFFIX (and its manifest) when both its name
# and its time of change are older than DAYS. NEWEST is never deleted. A file copied back from elsewhere is new here.
rotate() {
    local dir=$1 prefix=$2 suffix=$3 days=$4 newest=$5 cutoff path moment failed=0
    cutoff="$(date -u -d "-$days days" +%Y%m%d-%H%M%S)"
    for path in "$dir/$prefix"-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9]"$suffix"; do
        [[ -f $path && ! -L $path && $path != "$newest" ]] || continue
        moment="${path#"$dir/$prefix-"}"
        [[ ${moment%"$suffix"} < $cutoff ]] || continue
        [[ -n $(find "$path" -maxdepth 0 -mmin "+$((days * 1440))") ]] || continue
        if rm -f -- "$path" "$path.manifest"; then
            say "apagado por ter mais de $days dias: $path"
        else
            failed=1
        fi
    done
    return "$failed"
}

# dump_trailer FILE: print the last bytes of a gzip-compressed dump; fails when the file is damaged anywhere.
dump_trailer() {
    gzip -dc -- "$1" | tail -c 400
}

# is_whole_dump FILE: the gzip file is intact and pg_dump came to its end.
is_whole_dump() {
    local trailer
    trailer="$(dump_trailer "$1")" || return 1
    [[ $trailer == *"-- PostgreSQL database dump complete"* ]]
}

# is_whole_rdb FILE: an RDB file with header, end mark and checksum. The checksum itself is the server's to compute.
is_whole_rdb() {
    local head tail
    head="$(head -c 9 -- "$1" | tr -d '\0')"
    tail="$(tail -c 9 -- "$1" | od -An -tx1 | tr -d ' \n')"
    [[ $head =~ ^(REDIS[0-9]{4}|VALKEY[0-9]{3})$ && $tail == ff* && $tail != ff0000000000000000 ]]
}

# field FILE NAME: print a text or number of a manifest; nothing when it is not there.
field() {
    sed -n 's/^  "'"$2"'": "\{0,1\}\([^",]*\)"\{0,1\},\{0,1\}$/\1/p' "$1" | head -n 1
}

sha256() {
    sha256sum <"$1" | cut -d ' ' -f 1
}

# human BYTES: 12.3 MiB
human() {
    awk -v bytes="$1" 'BEGIN {
        split("B KiB MiB GiB TiB", unit, " ")
        for (i = 1; bytes >= 1024 && i < 5; i++) bytes /= 1024
        printf (i == 1 ? "%d %s" : "%.1f %s"), bytes, unit[i]
    }'
}

# use_password WORD: what redis-cli is to say; by its environment, since arguments can be read by everybody.
use_password() {
    local password="${1:-${REDIS_PASSWORD:-${REDISCLI_AUTH:-}}}"
    unset REDISCLI_AUTH
    [[ -z $password ]] || export REDISCLI_AUTH="$password"
}

# redis COMMAND...: ask the server at HOST:PORT. Its errors are answers like any other: look at what is said.
redis() {
    timeout --kill-after=5 "${REDIS_REPLY_SECONDS:-30}" redis-cli -h "$HOST" -p "$PORT" "$@" </dev/null 9>&-
}
