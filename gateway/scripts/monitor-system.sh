#!/usr/bin/env bash
# Usage: ./scripts/monitor-system.sh [--strict]
# Holds CPU, memory and disk of this host against the thresholds of the runbook's table.
set -euo pipefail
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
# shellcheck source=scripts/monitor.sh
. "$HERE/monitor.sh"
LOG_FILE="${LOG_FILE:-/var/log/email-gateway-system-monitor.log}"
monitor_options "$@"

# busy and all ticks of the processors since the start of the machine
cpu_ticks() {
    awk '$1 == "cpu" { for (i = 2; i <= 9; i++) all += $i; print all - $5 - $6, all }' /proc/stat
}

cpu() {
    local busy all later_busy later_all
    read -r busy all < <(cpu_ticks)
    sleep 0.5
    read -r later_busy later_all < <(cpu_ticks)
    ((later_all > all)) || die "/proc/stat não avança; não consigo medir a CPU."
    against CPU $((100 * (later_busy - busy) / (later_all - all))) "em 0,5 s, $(nproc) processadores"
}

memory() {
    local total available
    total="$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)"
    available="$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)"
    [[ -n $total && -n $available ]] || die "/proc/meminfo não diz MemTotal e MemAvailable."
    against Memória $((100 * (total - available) / total)) "$(human $((available * 1024))) disponíveis"
}

# Each file system that the gateway writes to, once.
disks() {
    local places=("$ROOT") place mount used seen=' '
    for place in backups redis-backups redis-data logs; do
        [[ ! -d $ROOT/$place ]] || places+=("$ROOT/$place")
    done
    for place in "${places[@]}" /var/log; do
        read -r used mount < <(df -P -- "$place" | awk 'NR == 2 { sub("%", "", $5); print $5, $6 }')
        [[ $used =~ ^[0-9]+$ ]] || die "df não diz quanto de $place está em uso."
        [[ $seen != *" $mount "* ]] || continue
        seen+="$mount "
        against Disco "$used" "$mount"
    done
}

cpu
memory
disks
finish
