#!/usr/bin/env bash
# Usage: ./scripts/monitor-redis.sh [--strict]
# Whether Redis answers and takes writes, how full it is, and how many mails wait in its queue.
# Environment: REDIS_HOST, REDIS_PORT, REDIS_PASSWORD, QUEUE_PREFIX (bull), QUEUE_NAME (email-send).
set -euo pipefail
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
# shellcheck source=scripts/monitor.sh
. "$HERE/monitor.sh"
LOG_FILE="${LOG_FILE:-/var/log/email-gateway-system-monitor.log}"
monitor_options "$@"
# Who looks at a Redis that hangs is to be told so, not to hang too.
REDIS_REPLY_SECONDS="${REDIS_REPLY_SECONDS:-5}"
HOST="${REDIS_HOST:-localhost}" PORT="${REDIS_PORT:-6379}"
use_password ""
need redis-cli timeout

reply="$(redis PING 2>&1)" || reply="sem resposta. $reply"
[[ $reply == PONG ]] || die "o Redis em $HOST:$PORT não respondeu PONG: $reply"
INFO="$(redis INFO | tr -d '\r')"

# figure NAME: one figure of INFO; 0 when this server has none of that name.
figure() {
    local value
    value="$(sed -n "s/^$1://p" <<<"$INFO" | head -n 1)"
    printf '%s\n' "${value:-0}"
}

memory() {
    local used limit
    used="$(figure used_memory)" limit="$(figure maxmemory)"
    if ((limit == 0)); then
        verdict 1 "sem maxmemory: o Redis pode tomar toda a memória do host ($(human "$used") em uso)"
    else
        against Memória $((100 * used / limit)) "do Redis, $(human "$used") de $(human "$limit")"
    fi
    [[ "$(figure maxmemory_policy)" == noeviction ]] ||
        verdict 2 "maxmemory_policy é $(figure maxmemory_policy), não noeviction: e-mails na fila podem ser descartados"
}

persistence() {
    [[ "$(figure rdb_last_bgsave_status)" == ok ]] ||
        verdict 2 "o último salvamento do RDB falhou: o Redis recusa escritas; veja o espaço em disco e os logs"
    if [[ "$(figure aof_enabled)" != 1 ]]; then
        verdict 2 "o AOF está desligado: uma queda perde o que entrou desde o último RDB"
    elif [[ "$(figure aof_last_write_status)" != ok ]]; then
        verdict 2 "a última escrita no AOF falhou; veja o espaço em disco e os logs"
    else
        verdict 0 "persistência: AOF ligado, último RDB há $(($(date +%s) - $(figure rdb_last_save_time))) s"
    fi
}

# count COMMAND LIST: length of one of BullMQ's lists or sorted sets; 0 when there is none.
count() {
    local found
    found="$(redis "$1" "${QUEUE_PREFIX:-bull}:${QUEUE_NAME:-email-send}:$2")"
    [[ $found =~ ^[0-9]+$ ]] || die "o Redis não contou $2: $found"
    printf '%s\n' "$found"
}

queue() {
    local waiting failed
    waiting=$(($(count LLEN wait) + $(count LLEN paused) + $(count ZCARD prioritized)))
    failed="$(count ZCARD failed)"
    verdict 0 "fila: $waiting esperando, $(count LLEN active) em envio, $(count ZCARD delayed) para nova tentativa"
    verdict $((failed > 0)) "fila: $failed jobs falharam"
    [[ "$(redis HEXISTS "${QUEUE_PREFIX:-bull}:${QUEUE_NAME:-email-send}:meta" paused)" != 1 ]] ||
        verdict 1 "a fila está em pausa: nada é enviado até que alguém a retome"
}

verdict 0 "Redis responde em $HOST:$PORT"
memory
persistence
queue
finish
