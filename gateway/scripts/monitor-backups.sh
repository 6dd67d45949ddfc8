#!/usr/bin/env bash
# Usage: ./scripts/monitor-backups.sh [--strict]
# Whether there are backups, how old the newest of each kind is, and whether it is still the file that was written.
set -euo pipefail
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
# shellcheck source=scripts/monitor.sh
. "$HERE/monitor.sh"
LOG_FILE="${LOG_FILE:-/var/log/email-gateway-backup.log}"
monitor_options "$@"
need gzip sha256sum tar awk

# newest DIR PREFIX SUFFIX: path of the newest backup by its name; nothing when there is none.
newest() {
    local path last=''
    for path in "$1/$2"-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9]"$3"; do
        [[ ! -f $path ]] || last=$path
    done
    printf '%s\n' "$last"
}

is_as_written() {
    local wanted
    if [[ $1 == *.tar.gz ]]; then
        gzip -t -- "$1" 2>/dev/null
        return
    fi
    if [[ -f $1.manifest ]]; then
        wanted="$(field "$1.manifest" sha256)"
        [[ "$(sha256 "$1")" == "$wanted" ]]
        return
    fi
    is_whole_dump "$1"
}

# look DIR PREFIX SUFFIX HOURS LEVEL: the newest backup must be at most HOURS old; 0 hours means that age says nothing.
# LEVEL is that of a backup that is missing or too old.
look() {
    local path age
    path="$(newest "$1" "$2" "$3")"
    if [[ -z $path ]]; then
        verdict "$5" "nenhum backup $2 em $1"
        return
    fi
    age=$(($(file_age "$path") / 3600))
    if ! is_as_written "$path"; then
        verdict 2 "$path está danificado: faça outro agora"
    elif (($4 > 0 && age >= $4)); then
        verdict "$5" "$path tem $age h, mais que $4 h"
    else
        verdict 0 "$path tem $age h e está íntegro ($(human "$(stat -c %s "$path")"))"
    fi
}

# The hours are the schedule's (daily, weekly, monthly) with one hour for the backup itself.
look "$ROOT/backups" email-gateway-daily .sql.gz 25 2
look "$ROOT/backups" email-gateway-weekly .sql.gz 169 1
look "$ROOT/backups" email-gateway-monthly .sql.gz 745 1
look "$ROOT/redis-backups" redis-backup .tar.gz 0 1
finish
